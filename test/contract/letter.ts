import { randomBytes } from 'node:crypto'

export interface Letter {
  readonly raw: Buffer<ArrayBuffer>
  /** With angle brackets. */
  readonly messageId: string
  readonly subject: string
}

export interface LetterOptions {
  readonly from?: string
  readonly to?: string
  readonly subject?: string
  /** Epoch milliseconds. */
  readonly date?: number
  readonly messageId?: string
  readonly references?: string
  /** Further header lines, without line end. */
  readonly headers?: readonly string[]
  /** LF becomes CRLF. */
  readonly body?: string
}

/** Somebody who does not exist. RFC 2606 section 3. */
export const stranger = 'contract@example.com'

/** A small message of our own; each has a Message-ID and, unless one is given, a subject that nothing else has. */
export function letter(options: LetterOptions = {}): Letter {
  const messageId = options.messageId ?? `<${randomBytes(12).toString('hex')}@contract.example.com>`
  const subject = options.subject ?? `Postern contract ${uniqueWord()}`
  const lines = [
    `From: ${options.from ?? `Contract <${stranger}>`}`,
    `To: ${options.to ?? 'reader@example.com'}`,
    `Subject: ${subject}`,
    `Date: ${new Date(options.date ?? Date.now()).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageId}`,
    'MIME-Version: 1.0',
  ]
  if (options.references !== undefined) {
    lines.push(`In-Reply-To: ${options.references}`, `References: ${options.references}`)
  }
  const headers = options.headers ?? ['Content-Type: text/plain; charset=utf-8']
  const text = [...lines, ...headers, '', ...(options.body ?? 'Written by the contract suite.\n').split('\n')]
  return { raw: Buffer.from(text.join('\r\n')), messageId, subject }
}

/** Letters only: one word to every tokenizer. */
export function uniqueWord(): string {
  return [...randomBytes(14)].map((octet) => String.fromCharCode(97 + (octet % 26))).join('')
}

/** base64url without padding, which every backend takes. */
export function encodeRaw(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64url')
}

export function decodeRaw(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url')
}

import type { HeaderField, MessageHeader } from './header-fields.ts'

const resent = 'resent-'

/** Somebody redirects a message that is not his own. RFC 5322 section 3.6.6. */
export function isResent(fields: readonly HeaderField[]): boolean {
  return fields.some(({ name }) => name === 'resent-to' || name === 'resent-cc' || name === 'resent-bcc')
}

/**
 * A redirected message as a message of the one who redirects it, with the original attached whole. Gmail cannot be asked
 * for a true redirection: it would mail the original's To and Cc again, and put the account in the place of its author.
 * Resent-From, -To, -Cc, -Bcc, -Date, -Message-ID and -Sender of the newest block become the outer header's.
 */
export function wrapResent({ fields }: MessageHeader): {
  /** The outer header's fields as `complete` looks at them. */
  readonly header: readonly HeaderField[]
  /** What follows the completed lines, up to the original. */
  readonly prefix: string
  readonly without: readonly HeaderField[]
} {
  const block = newestBlock(fields)
  const outer = block.map((field) => ({ ...field, name: field.name.slice(resent.length) }))
  const subject = fields.find(({ name }) => name === 'subject')?.value ?? ''
  const lines = outer.map(({ name, value }) => `${spelling.get(name) ?? name}: ${fold(value)}\r\n`)
  return {
    header: outer,
    prefix:
      lines.join('') +
      `Subject: ${fold(`Fwd: ${subject}`)}\r\n` +
      'MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n' +
      // The original may be anything, and 8bit says the least about it.
      'Content-Transfer-Encoding: 8bit\r\n\r\n',
    // Who else got it in secret is nobody's business, from earlier redirections too.
    without: fields.filter(({ name }) => name === 'resent-bcc' || name === 'bcc' || name === 'return-path'),
  }
}

const spelling = new Map([
  ['from', 'From'],
  ['sender', 'Sender'],
  ['to', 'To'],
  ['cc', 'Cc'],
  ['bcc', 'Bcc'],
  ['date', 'Date'],
  ['message-id', 'Message-ID'],
])

/** Blocks stand at the top, the newest first; a field that comes again belongs to the one before. */
function newestBlock(fields: readonly HeaderField[]): HeaderField[] {
  const block: HeaderField[] = []
  for (const field of fields) {
    if (!field.name.startsWith(resent)) continue
    if (block.some(({ name }) => name === field.name)) break
    if (spelling.has(field.name.slice(resent.length))) block.push(field)
  }
  return block
}

/** A long value on several lines: broken at spaces. RFC 5322 section 2.2.3. */
function fold(value: string): string {
  return value.length <= 900 ? value : value.replaceAll(/(.{60,900}?[,;]) /g, '$1\r\n ')
}

import type { MessageId } from '#mail/ids.ts'
import { missingHost, parseAddresses } from '#mail/mime/address.ts'
import type { Address } from '#mail/mime/address.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock } from '#mail/surroundings.ts'
import { separator } from './agreement.ts'
import type { Envelope } from './agreement.ts'
import { readFields } from './header-fields.ts'
import { Incoming, lineLimitBytes, tooBig } from './incoming.ts'
import { messageLimitBytes, post } from './posting.ts'
import { canonicalAddress, capitalised } from './recipients.ts'
import { bug, replyTo } from './replies.ts'
import { SendmailUsage } from './sendmail-arguments.ts'
import type { SendmailCall } from './sendmail-arguments.ts'

export { parseSendmailArguments, SendmailUsage } from './sendmail-arguments.ts'
import { SubmissionRefusal } from './refusal.ts'

/** A message as a program hands it over, with the addresses it goes to. */
export interface Letter {
  readonly bytes: Buffer
  readonly envelope: Envelope
}

/** Exit codes of sysexits.h, which cron, git and mail programs look at. */
const exitCodes = {
  ok: 0,
  usage: 64,
  data: 65,
  unavailable: 69,
  temporary: 75,
  permission: 77,
} as const

/** Reads a message from standard input. Throws SubmissionRefusal when it is too large. */
export async function readLetter(
  input: AsyncIterable<Buffer | string>,
  { dotEnds }: Pick<SendmailCall, 'dotEnds'>,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of input) {
    const octets = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    sizeBytes += octets.length
    if (sizeBytes > messageLimitBytes) throw tooBig(messageLimitBytes)
    chunks.push(octets)
  }
  const whole = Buffer.concat(chunks, sizeBytes)
  return dotEnds ? whole.subarray(0, dotLine(whole)) : whole
}

/** Where a line with nothing but a dot starts, else the end. */
function dotLine(bytes: Buffer): number {
  for (let at = bytes.indexOf('.'); at !== -1; at = bytes.indexOf('.', at + 1)) {
    const begins = at === 0 || bytes[at - 1] === 0x0a
    const ends =
      at + 1 === bytes.length || bytes[at + 1] === 0x0a || (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a)
    if (begins && ends) return at
  }
  return bytes.length
}

/**
 * What programs hand over, made fit to be sent: a name without a domain (`root`, as cron writes it) is the account itself,
 * in recipients and in From, To, Cc, Bcc and Sender. Throws SubmissionRefusal.
 */
export function prepareLetter(bytes: Buffer, call: SendmailCall, account: string): Letter {
  const whole = new Incoming(messageLimitBytes, bytes.length)
  whole.write(canonicalLineEnds(bytes))
  const { incoming } = whole.end()
  const message = incoming.bytes
  const header = readFields(message)
  const { fields } = header
  const people = fields.filter(({ name }) => /^(?:from|sender|to|cc|bcc)$/.test(name))
  const qualified = people.map((field) => ({ field, addresses: parseAddresses(field.value) }))
  const changed = qualified.filter(({ addresses }) => addresses.some(isLocal))
  const lines = changed.map(
    ({ field, addresses }) =>
      `${capitalised(field.name)}: ${addresses.flatMap((one) => written(one, account)).join(',\r\n ')}\r\n`,
  )
  const named = qualified
    .filter(({ field }) => /^(?:to|cc|bcc)$/.test(field.name))
    .flatMap(({ addresses }) => addresses.flatMap((one) => spec(one, account)))
  if (!fields.some(({ name }) => name === 'from') && call.fullName !== undefined)
    lines.push(`From: ${phrase(call.fullName)} <${account}>\r\n`)
  const recipients = [
    ...(call.fromHeader ? named : []),
    ...call.recipients.map((one) => (one.includes('@') ? one : account)),
  ]
  if (recipients.length === 0)
    throw new SubmissionRefusal(554, '5.5.1', 'No recipients: name them, or use -t and fields To, Cc or Bcc')
  // Nobody gets it whom the program did not name: without -t its fields are for reading only.
  const outside = new Set(recipients.map((one) => canonicalAddress(one)))
  const extra = call.fromHeader ? [] : named.filter((one) => !outside.has(canonicalAddress(one)))
  if (extra.length > 0)
    throw new SubmissionRefusal(
      550,
      '5.5.4',
      'To, Cc or Bcc name people who are no recipients. Gmail mails everybody whom the header names: use -t',
    )
  return {
    bytes: incoming.edited(
      Buffer.from(lines.length === 0 ? '' : lines.join('') + separator(message, header), 'latin1'),
      changed.map(({ field }) => field),
    ),
    envelope: { from: call.from?.includes('@') === true ? call.from : account, recipients },
  }
}

function isLocal({ host }: Address): boolean {
  return host === missingHost
}

function spec(address: Address, account: string): string[] {
  if (address.host === undefined) return []
  return [isLocal(address) ? account : Buffer.from(`${address.mailbox}@${address.host}`, 'latin1').toString()]
}

/** An address of a field, as it is put into a new one; group marks are left out. */
function written(address: Address, account: string): string[] {
  return spec(address, account).map((one) => {
    const latin1 = Buffer.from(one).toString('latin1')
    return address.name === undefined ? latin1 : `${phrase(address.name)} <${latin1}>`
  })
}

function phrase(text: string): string {
  return `"${text
    .replaceAll(/[\x00-\x1f\x7f]/g, ' ')
    .replaceAll(/["\\]/g, '\\$&')
    .slice(0, lineLimitBytes / 1024)}"`
}

/** Sends a letter; what a program is told of it, and the exit code. */
export async function sendLetter(
  { bytes, envelope }: Letter,
  { outbox, clock }: { outbox: Outbox; clock: Clock },
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly text: string; readonly messageId?: MessageId }> {
  try {
    const incoming = new Incoming(messageLimitBytes, bytes.length)
    incoming.write(bytes)
    const messageId = await post(incoming, envelope, { outbox, clock, limitBytes: messageLimitBytes }, signal)
    return { exitCode: exitCodes.ok, text: `sent as ${messageId}`, messageId }
  } catch (error) {
    return sendmailFailure(error)
  }
}

/** Anything that sending threw, for a program. */
export function sendmailFailure(error: unknown): { readonly exitCode: number; readonly text: string } {
  if (error instanceof SendmailUsage) return { exitCode: exitCodes.usage, text: error.message }
  const { code, enhanced, text } = replyTo(error) ?? bug
  const exitCode =
    code === 454
      ? exitCodes.permission
      : code < 500
        ? exitCodes.temporary
        : enhanced === '5.7.1'
          ? exitCodes.unavailable
          : exitCodes.data
  return { exitCode, text }
}

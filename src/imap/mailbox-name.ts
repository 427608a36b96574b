import type { Rights } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import { delimiter, type Mailbox } from '#mail/mailbox.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { imapString } from '#mail/mime/imap-text.ts'
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts'
import { ProtocolError } from './parser.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const control = /[\x00-\x1f\x7f]/
/** RFC 6855 section 3. */
const notInNames = /[\x80-\x9f\u2028\u2029]/

/**
 * A mailbox name, or a LIST pattern, as Unicode. `utf8` is true after ENABLE UTF8=ACCEPT or IMAP4rev2: then `&` is an
 * ordinary character (RFC 6855 section 3); before, names are modified UTF-7 (RFC 3501 section 5.1.3), but raw UTF-8
 * octets and a bare `&` are read as well, since clients send them. INBOX comes back in capitals. Throws ProtocolError.
 */
export function readMailboxName(octets: Buffer, utf8: boolean): string {
  const name = utf8 || octets.some((octet) => octet > 0x7f) ? readUtf8(octets) : decodeModifiedUtf7(octets)
  if (control.test(name)) throw new ProtocolError('A mailbox name cannot hold control characters')
  return inboxInCapitals(name)
}

/**
 * The name of a mailbox that is to be: in the composition that Net-Unicode wants, so that it is the same on every device. "The
 * server MUST reject the creation or convert the name". RFC 9051 section 6.3.4, RFC 5198 section 2. Throws MailError.
 */
export function newMailboxName(name: string): string {
  const composed = withoutDelimiter(name.normalize('NFC'))
  if (notInNames.test(composed))
    throw new MailError('cannot', 'A mailbox name cannot hold control characters or line separators')
  return composed
}

function readUtf8(octets: Buffer): string {
  try {
    return strictUtf8.decode(octets)
  } catch {
    throw new ProtocolError('A mailbox name must be valid UTF-8 or modified UTF-7')
  }
}

/** A mailbox name as ready IMAP text, quoted or a literal, one character per octet. */
export function writeMailboxName(name: string, utf8: boolean): string {
  const wellFormed = name.toWellFormed()
  if (!utf8) return imapString(encodeModifiedUtf7(wellFormed))
  const octets = Buffer.from(wellFormed, 'utf8').toString('latin1')
  if (control.test(octets)) return imapString(octets)
  // quoted = DQUOTE *QUOTED-CHAR DQUOTE, in which UTF-8 is lawful. RFC 9051 section 9.
  return `"${octets.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** "INBOX is a special name … case-insensitive". RFC 9051 section 5.1. Its children follow it. */
export function inboxInCapitals(name: string): string {
  const isInbox = name.slice(0, 5).toUpperCase() === 'INBOX' && (name.length === 5 || name[5] === delimiter)
  return isInbox ? `INBOX${name.slice(5)}` : name
}

/** Whether a login may see this mailbox. */
export function mayUse(rights: Rights, name: string): boolean {
  if (rights.mailboxes === undefined) return true
  const wanted = comparable(name)
  return rights.mailboxes.some((allowed) => comparable(allowed) === wanted)
}

/** A delimiter at the end says only that there will be children. RFC 3501 section 6.3.3. */
export function withoutDelimiter(name: string): string {
  return name.length > 1 && name.endsWith(delimiter) ? name.slice(0, -1) : name
}

/**
 * The mailbox of this name; undefined when there is none, or the login may not see it. One trailing delimiter is
 * tolerated (RFC 3501 section 6.3.3 has CREATE with it), and so is another Unicode composition of the same text.
 */
export async function findMailbox(
  mailstore: Mailstore,
  name: string,
  signal: AbortSignal,
  rights?: Rights,
): Promise<Mailbox | undefined> {
  const wanted = withoutDelimiter(name)
  const mailboxes = await mailstore.mailboxes(signal)
  const found =
    mailboxes.find((mailbox) => mailbox.name === wanted) ??
    mailboxes.find((mailbox) => comparable(mailbox.name) === comparable(wanted))
  return found === undefined || (rights !== undefined && !mayUse(rights, found.name)) ? undefined : found
}

function comparable(name: string): string {
  return inboxInCapitals(name.toWellFormed().normalize('NFC'))
}

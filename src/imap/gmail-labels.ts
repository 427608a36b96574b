import type { Mailbox, MailboxRole } from '#mail/mailbox.ts'
import type { Selected } from './command.ts'
import { mayUse, readMailboxName, writeMailboxName } from './mailbox-name.ts'
import type { Parser } from './parser.ts'

/** What X-GM-LABELS calls Gmail's own labels. developers.google.com/workspace/gmail/imap/imap-extensions. */
const words = new Map<MailboxRole | undefined, string>([
  ['inbox', '\\Inbox'],
  ['sent', '\\Sent'],
  ['drafts', '\\Draft'],
  ['flagged', '\\Starred'],
  ['important', '\\Important'],
  ['junk', '\\Spam'],
  ['trash', '\\Trash'],
])

/** A label as a client writes it: `\Inbox`, an atom or a string. Its octets; what they mean depends on what is enabled. Throws ProtocolError. */
export function readLabelOctets(parser: Parser): Buffer {
  return parser.at('\\') ? Buffer.from(parser.flag(), 'latin1') : parser.astring('A label')
}

/** The label that these octets name, in Unicode. Throws ProtocolError. */
export function labelName(octets: Buffer, utf8: boolean): string {
  return readMailboxName(octets, utf8)
}

/** Labels with their parentheses, each a string as Gmail has it: `("\\Inbox" "Work/Projects")`. */
export function writeLabels(labels: readonly string[], utf8: boolean): string {
  return `(${labels.map((label) => writeMailboxName(label, utf8)).join(' ')})`
}

/** Whether this is the label of the mailbox itself, which X-GM-LABELS leaves out there. Gmail's names know no letter case. */
export function isLabelOf({ role, name }: Mailbox, label: string): boolean {
  return (words.get(role) ?? name).toLowerCase() === label.toLowerCase()
}

/** Which labels a login may know of: all, or those of the mailboxes that it may see. */
export async function visibleLabels({
  mailstore,
  rights,
  signal,
}: Pick<Selected, 'mailstore' | 'rights' | 'signal'>): Promise<(label: string) => boolean> {
  if (rights.mailboxes === undefined) return () => true
  const visible = (await mailstore.mailboxes(signal)).filter(({ name }) => mayUse(rights, name))
  return (label) => visible.some((mailbox) => isLabelOf(mailbox, label))
}

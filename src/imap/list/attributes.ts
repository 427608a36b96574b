import { delimiter, type MailboxRole } from '#mail/mailbox.ts'
import { writeMailboxName } from '../mailbox-name.ts'
import type { ListedName } from './names.ts'

/** RFC 6154 section 2 and RFC 8457 section 3. INBOX has none. */
const specialUse = new Map<MailboxRole, string>([
  ['all', String.raw`\All`],
  ['archive', String.raw`\Archive`],
  ['drafts', String.raw`\Drafts`],
  ['flagged', String.raw`\Flagged`],
  ['important', String.raw`\Important`],
  ['junk', String.raw`\Junk`],
  ['sent', String.raw`\Sent`],
  ['trash', String.raw`\Trash`],
])

/** The names Gmail gave them before RFC 6154; Outlook 2013 and 2016 ask for these. facts/peers.md section 1.3. */
const xlistUse = new Map<MailboxRole, string>([
  ...specialUse,
  ['inbox', String.raw`\Inbox`],
  ['all', String.raw`\AllMail`],
  ['flagged', String.raw`\Starred`],
  ['junk', String.raw`\Spam`],
])

/** How a line of LIST and its kin is written. */
export interface LineForm {
  readonly keyword: 'LIST' | 'LSUB' | 'XLIST'
  readonly utf8: boolean
  /** Tell \Subscribed. RFC 9051 section 7.3.1. */
  readonly subscribed?: boolean
  /** Tell \NonExistent, which only a client of RFC 5258 knows. */
  readonly nonExistent?: boolean
  /** Tell that the name cannot be selected, whatever it is: LSUB's way to show a parent. RFC 3501 section 6.3.9. */
  readonly noSelect?: boolean
}

/**
 * One untagged line. Special-use attributes are always told: Thunderbird takes them from a plain LIST and makes a second
 * set of folders where it finds none. `extended` is extended data, ready-made.
 */
export function listLine(listed: ListedName, form: LineForm, extended = ''): string {
  const attributes: string[] = []
  if (listed.mailbox === undefined) {
    if (form.nonExistent === true) attributes.push(String.raw`\NonExistent`)
    attributes.push(String.raw`\Noselect`)
  } else if (form.noSelect === true) attributes.push(String.raw`\Noselect`)
  attributes.push(listed.hasChildren ? String.raw`\HasChildren` : String.raw`\HasNoChildren`)
  if (form.subscribed === true && listed.subscribed) attributes.push(String.raw`\Subscribed`)
  const use =
    listed.role === undefined
      ? undefined
      : (form.keyword === 'XLIST' ? xlistUse : specialUse).get(listed.role)
  if (use !== undefined) attributes.push(use)
  const name = writeMailboxName(listed.name, form.utf8)
  return `* ${form.keyword} (${attributes.join(' ')}) "${delimiter}" ${name}${extended}\r\n`
}

/** The answer to an empty pattern: the delimiter and the root of the reference. RFC 9051 section 6.3.9. */
export function rootLine(keyword: LineForm['keyword']): string {
  return String.raw`* ${keyword} (\Noselect) "${delimiter}" ""` + '\r\n'
}

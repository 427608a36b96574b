import type { MailboxId } from '#mail/ids.ts'
import type { MailboxStatus } from '#mail/mailbox.ts'
import { writeMailboxName } from '../mailbox-name.ts'
import { mailboxObjectId } from '../object-ids.ts'
import type { Parser } from '../parser.ts'

const names = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'SIZE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const

/** RFC 9051 section 6.3.11, RFC 3501 section 6.3.10 (RECENT), RFC 7162 section 3.1.7, RFC 8474 section 4.3, RFC 7889 section 5. */
export type StatusItem = (typeof names)[number]

/** What STATUS tells from. */
export interface Counts extends MailboxStatus {
  /** Octets that a message put in may have. */
  readonly appendLimitBytes?: number
  /** Messages that no session was told of. */
  readonly recent?: number
}

const known = new Map<string, StatusItem>(names.map((name) => [name, name]))

/** "(" status-att *(SP status-att) ")", each once. Throws ProtocolError. */
export function readStatusItems(parser: Parser): StatusItem[] {
  const items = new Set<StatusItem>()
  const read = parser.list(() => {
    const item = known.get(parser.keyword('A status item'))
    if (item === undefined) parser.fail('This status item is not known')
    items.add(item)
  })
  if (read.length === 0) parser.fail('A status item is missing')
  return [...items]
}

/** The untagged STATUS line. SIZE is left out while it is not known exactly. */
export function statusLine(
  name: string,
  mailbox: MailboxId,
  status: Counts,
  items: readonly StatusItem[],
  utf8: boolean,
): string {
  const texts: string[] = []
  for (const item of items) {
    const value = itemValue(item, mailbox, status)
    if (value !== undefined) texts.push(`${item} ${value}`)
  }
  return `* STATUS ${writeMailboxName(name, utf8)} (${texts.join(' ')})\r\n`
}

function itemValue(item: StatusItem, mailbox: MailboxId, status: Counts): number | string | undefined {
  switch (item) {
    case 'MESSAGES':
      return status.messages
    case 'RECENT':
      return status.recent ?? 0
    case 'UIDNEXT':
      return status.uidNext
    case 'UIDVALIDITY':
      return status.uidValidity
    case 'UNSEEN':
      return status.unseen
    case 'DELETED':
      return status.deleted
    case 'SIZE':
      return status.sizeBytes
    case 'HIGHESTMODSEQ':
      return status.highestModSeq
    case 'MAILBOXID':
      return `(${mailboxObjectId(mailbox)})`
    case 'APPENDLIMIT':
      return status.appendLimitBytes
  }
}

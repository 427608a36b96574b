import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { AccountStore, MembershipRow, MessageRow } from '#store/store.ts'
import type { Book } from './book.ts'
import type { Places, Present } from './settle.ts'

/** Of the year 2109. */
const latestId = 2 ** 62

const nothing: Present = { message: undefined, memberships: [] }

/** What the store has of these messages, for a decision. */
export async function readPresent(
  store: AccountStore,
  ids: readonly MessageId[],
): Promise<(id: MessageId) => Present> {
  const rows = await store.messagesById(ids)
  const members = await readMemberships(
    store,
    [...rows.values()].map(({ key }) => key),
  )
  return (id) => {
    const message = rows.get(id)
    return message === undefined ? nothing : { message, memberships: members(message.key) }
  }
}

/** The mailboxes of these messages. */
export async function readMemberships(
  store: AccountStore,
  keys: readonly MessageKey[],
): Promise<(key: MessageKey) => readonly MembershipRow[]> {
  const byKey = new Map<MessageKey, MembershipRow[]>()
  for (const member of await store.memberships(keys)) {
    const list = byKey.get(member.key)
    if (list === undefined) byKey.set(member.key, [member])
    else list.push(member)
  }
  return (key) => byKey.get(key) ?? []
}

/** Labels and mailboxes as the book has them. */
export function placesOf(book: Book): Places {
  return {
    mailboxOf: (label) => book.mailboxOf(label),
    labelOf: (mailbox) => {
      const row = book.mailboxes.get(mailbox)
      return row === undefined || row.gone ? undefined : row.labelId
    },
  }
}

/** Newest first by Gmail's id, which grows with time (fact sheet section 3). */
export function newestFirst(a: Pick<MessageRow, 'messageId'>, b: Pick<MessageRow, 'messageId'>): number {
  return -oldestFirst(a, b)
}

/**
 * Whether ids tell the order of arrival. That Google's grow with time is not promised (fact sheet section 3); they begin with
 * milliseconds, so that all that were ever given are close to each other. Others may be drawn by lot.
 */
export function idsTellTime(refs: readonly Pick<MessageRow, 'messageId'>[]): boolean {
  let least = Infinity
  let greatest = 0
  for (const { messageId } of refs) {
    const number = Number.parseInt(messageId, 16)
    least = Math.min(least, number)
    greatest = Math.max(greatest, number)
  }
  return greatest < latestId && least >= greatest / 2
}

/** Hexadecimal without leading zeros: the longer is the greater. */
export function oldestFirst(a: Pick<MessageRow, 'messageId'>, b: Pick<MessageRow, 'messageId'>): number {
  const [x, y] = [a.messageId, b.messageId]
  if (x.length !== y.length) return x.length - y.length
  return x < y ? -1 : x > y ? 1 : 0
}

/** Lets everything else that is ready run. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export function* slicesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

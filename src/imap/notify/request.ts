import { delimiter } from '#mail/mailbox.ts'
import type { FetchItem } from '../fetch/item.ts'

/** What can happen to the messages of a mailbox. RFC 5465 section 5. */
type MessageEvent = 'MessageNew' | 'MessageExpunge' | 'FlagChange'
/** What can happen to a mailbox itself. */
type MailboxEvent = 'MailboxName' | 'SubscriptionChange'
export type NotifyEvent = MessageEvent | MailboxEvent

/** Names of mailboxes that a group of events is about; in capitals where the word is the client's. */
export type MailboxFilter =
  | { readonly kind: 'all' | 'subscribed' }
  | { readonly kind: 'subtree' | 'mailboxes'; readonly names: readonly string[] }

/** Events wanted of some mailboxes other than the selected one. None: no event of them is wanted. */
export interface EventGroup {
  readonly filter: MailboxFilter
  readonly events: ReadonlySet<NotifyEvent>
}

/** What is wanted of the selected mailbox. */
interface SelectedGroup {
  /** Expunges wait for a command that may tell them: `selected-delayed`. */
  readonly delayed: boolean
  readonly messages: boolean
  readonly flags: boolean
  /** Told of each new message at once; empty for none. */
  readonly items: readonly FetchItem[]
}

/** Everything that a client wants to hear of. */
export interface NotifyRequest {
  readonly selected: SelectedGroup | undefined
  readonly groups: readonly EventGroup[]
}

/** NOTIFY NONE, and what is left after an overflow. */
export const nothing: NotifyRequest = { selected: undefined, groups: [] }

/** Whether an event of a mailbox is wanted: the first group that has it decides, and one that wants none. RFC 5465 section 6. */
export function wants(
  groups: readonly EventGroup[],
  event: NotifyEvent,
  mailbox: { readonly name: string; readonly subscribed: boolean },
): boolean {
  for (const { filter, events } of groups) {
    if (!covers(filter, mailbox)) continue
    if (events.size === 0) return false
    if (events.has(event)) return true
  }
  return false
}

function covers(filter: MailboxFilter, { name, subscribed }: { name: string; subscribed: boolean }): boolean {
  switch (filter.kind) {
    case 'all':
      return true
    case 'subscribed':
      return subscribed
    case 'mailboxes':
      return filter.names.includes(name)
    case 'subtree':
      return filter.names.some((root) => name === root || name.startsWith(root + delimiter))
  }
}

import type { MailboxId, MessageKey, Uid } from '#mail/ids.ts'
import type { Mailbox, MailboxRole } from '#mail/mailbox.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'

/** One message to begin with or to deliver. */
export interface MemoryMessage {
  readonly bytes: Buffer | string
  readonly flags?: readonly string[]
  /** Epoch milliseconds. */
  readonly internalDate?: number
  /** When it came into the mailbox, epoch milliseconds; not known if left out. */
  readonly savedAt?: number
  /** Other mailboxes that the same message is in. */
  readonly labels?: readonly string[]
}

export interface MemoryMailbox {
  readonly name: string
  readonly role?: MailboxRole
  readonly messages?: readonly MemoryMessage[]
  readonly selectable?: boolean
  readonly subscribed?: boolean
}

export interface Message {
  readonly bytes: Buffer
  readonly internalDate: number
  bits: number
  keywords: readonly string[]
  record: MessageRecord | undefined
}

export interface Row {
  readonly uid: Uid
  readonly key: MessageKey
  deleted: boolean
  modSeq: number
}

export interface Box {
  mailbox: Mailbox
  readonly id: MailboxId
  readonly uidValidity: number
  uidNext: number
  rows: Row[]
  /** What left it, ascending by MODSEQ. */
  readonly left: { readonly uid: Uid; readonly modSeq: number }[]
  /** When messages came, as rows of SaveDates. */
  readonly saved: { readonly uid: Uid; readonly at: number | undefined }[]
  snapshot: MailboxSnapshot | undefined
  /** The one before, or this one. */
  last: MailboxSnapshot | undefined
  readonly listeners: Set<(event: 'changed' | 'gone') => void>
}

/** What tests set to make a mailstore in memory slow or faulty, and what it counts. */
export interface MemoryControls {
  alert: string | undefined
  /** How often `poke` was called. */
  pokes: number
  /** How many clients are attached. */
  attached: number
  /** What was asked of `body` and `bodies`. */
  readonly bodiesRead: MessageKey[]
  /** Awaited before octets, or a record of a message that `forget` forgot, are given. Undefined: at once. */
  gate: ((key: MessageKey) => Promise<void>) | undefined
  /** Awaited before a mailbox is opened. */
  openGate: (() => Promise<void>) | undefined
  /** Thrown by everything that acts on mail while it is set. */
  trouble: Error | undefined
}

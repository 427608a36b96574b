import type { LabelId, MailboxId, ModSeq, Uid } from './ids.ts'

/** What a mailbox is for. RFC 6154 section 2 and RFC 8457 section 3. */
export type MailboxRole =
  | 'inbox'
  | 'all'
  | 'archive'
  | 'drafts'
  | 'flagged'
  | 'important'
  | 'junk'
  | 'sent'
  | 'trash'

/** The hierarchy delimiter of every mailbox name. */
export const delimiter = '/'

/** So many labels can an account of Gmail have. Fact sheet section 1.3. */
export const labelLimit = 10_000

/** One mailbox of one account, as LIST shows it. A missing parent of a nested label is one with `selectable: false`. */
export interface Mailbox {
  /** Undefined for a name that only has children. */
  readonly id: MailboxId | undefined
  /** Unicode, levels separated by `/`; INBOX is always spelt `INBOX`. */
  readonly name: string
  readonly role: MailboxRole | undefined
  /** False: \Noselect, there is no such label, only children of it. */
  readonly selectable: boolean
  readonly hasChildren: boolean
  readonly subscribed: boolean
  /** Gmail's label; undefined for All Mail and for names that only have children. */
  readonly labelId: LabelId | undefined
}

/** Counts of one mailbox. RFC 9051 section 6.3.11. */
export interface MailboxStatus {
  readonly messages: number
  readonly unseen: number
  readonly deleted: number
  readonly uidNext: Uid
  readonly uidValidity: number
  readonly highestModSeq: ModSeq
  /** Sum of the exact sizes in octets, or undefined while some message's size is not known. */
  readonly sizeBytes: number | undefined
}

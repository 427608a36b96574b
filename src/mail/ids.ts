/**
 * The typed ids of the house. Each is made at the edge by its checking function and passed on as it is;
 * the compiler then refuses a Seq where a Uid belongs.
 */

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** A message's unique identifier in one mailbox, 1 to 2^32-1, never reused. RFC 9051 section 2.3.1.1. */
export type Uid = Branded<number, 'Uid'>
/** A message's place in one session's view of a mailbox, from 1. RFC 9051 section 2.3.1.2. */
export type Seq = Branded<number, 'Seq'>
/** One message of one account, whatever labels it has: the row number in our store, 1 to 2^32-1. */
export type MessageKey = Branded<number, 'MessageKey'>
/** Gmail's id of a message: lower-case hexadecimal of a 64-bit integer. Fact sheet section 3. */
export type MessageId = Branded<string, 'MessageId'>
/** Gmail's id of a thread, same form as MessageId. */
export type ThreadId = Branded<string, 'ThreadId'>
/** Gmail's id of a label: INBOX, STARRED, Label_7. Fact sheet section 2.9. */
export type LabelId = Branded<string, 'LabelId'>
/** One mailbox as the front doors see it; never reused, a label made anew is a new mailbox. */
export type MailboxId = Branded<number, 'MailboxId'>
/** One Gmail mailbox with a grant. */
export type AccountId = Branded<number, 'AccountId'>
/** The account's modification counter; a safe integer from 1. RFC 7162 section 3. */
export type ModSeq = Branded<number, 'ModSeq'>

const maxUint32 = 0xffffffff

function positive(value: number, max: number, what: string): number {
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new RangeError(`Cannot use ${value} as ${what}: it must be an integer from 1 to ${max}`)
  return value
}

/** Throws RangeError for anything but an integer from 1 to 2^32-1. */
export function uid(value: number): Uid {
  return positive(value, maxUint32, 'a UID') as Uid
}

/** Throws RangeError for anything but an integer from 1 to 2^32-1. */
export function seq(value: number): Seq {
  return positive(value, maxUint32, 'a sequence number') as Seq
}

/** Throws RangeError for anything but an integer from 1 to 2^32-1. */
export function messageKey(value: number): MessageKey {
  return positive(value, maxUint32, 'a message key') as MessageKey
}

/** Throws RangeError for anything but an integer from 1 to 2^32-1. */
export function mailboxId(value: number): MailboxId {
  return positive(value, maxUint32, 'a mailbox id') as MailboxId
}

/** Throws RangeError for anything but an integer from 1 to 2^32-1. */
export function accountId(value: number): AccountId {
  return positive(value, maxUint32, 'an account id') as AccountId
}

/** Throws RangeError for anything but a safe integer from 1. */
export function modSeq(value: number): ModSeq {
  return positive(value, Number.MAX_SAFE_INTEGER, 'a MODSEQ') as ModSeq
}

/** Throws RangeError unless it is 1 to 16 hexadecimal digits. */
export function messageId(value: string): MessageId {
  return hexadecimal(value, 'a Gmail message id') as MessageId
}

/** Throws RangeError unless it is 1 to 16 hexadecimal digits. */
export function threadId(value: string): ThreadId {
  return hexadecimal(value, 'a Gmail thread id') as ThreadId
}

/** Throws RangeError for an empty label id. */
export function labelId(value: string): LabelId {
  if (value === '') throw new RangeError('Cannot use an empty string as a label id')
  return value as LabelId
}

function hexadecimal(value: string, what: string): string {
  if (!/^[0-9a-f]{1,16}$/i.test(value))
    throw new RangeError(
      `Cannot use ${JSON.stringify(value.slice(0, 40))} as ${what}: it must be 1 to 16 hexadecimal digits`,
    )
  return value.toLowerCase()
}

import type { MailboxId, MessageId, ThreadId } from '#mail/ids.ts'

/** MAILBOXID without its parentheses: survives RENAME, is never used again. RFC 8474 section 4. */
export function mailboxObjectId(id: MailboxId): string {
  return `F${id}`
}

/** Gmail's hexadecimal id as X-GM-MSGID and X-GM-THRID have it: decimal, 64 bits. */
export function gmailNumber(id: MessageId | ThreadId): string {
  return BigInt(`0x${id}`).toString()
}

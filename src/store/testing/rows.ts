import {
  labelId,
  mailboxId,
  messageId,
  messageKey,
  modSeq,
  threadId,
  uid,
  type LabelId,
  type MailboxId,
} from '#mail/ids.ts'
import type { Changeset, MailboxRow, MessageContent, MessageRow, StagedRef } from '../store.ts'

/** Rows to fill a store with; every number may be chosen, the rest follows from it. */

export const inbox = { id: mailboxId(1), label: labelId('INBOX') }
export const allMail = { id: mailboxId(2), label: labelId('ALL') }

export function mailboxRow(over: Partial<MailboxRow> = {}): MailboxRow {
  return {
    id: inbox.id,
    labelId: inbox.label,
    uidValidity: 1000,
    uidNext: uid(1),
    highestModSeq: modSeq(1),
    whole: true,
    subscribed: true,
    gone: false,
    ...over,
  }
}

/** The message of a key has the Gmail id 0x18c0000000000000 + key. */
export function messageRow(key: number, over: Partial<MessageRow> = {}): MessageRow {
  return {
    key: messageKey(key),
    messageId: gmailId(key),
    threadId: threadId('18c0'),
    bits: 0,
    keywords: [],
    modSeq: modSeq(1),
    hydrated: false,
    ...over,
  }
}

export function gmailId(key: number) {
  return messageId((0x18c0000000000000n + BigInt(key)).toString(16))
}

export function stagedRef(key: number): StagedRef {
  return { messageId: gmailId(key), threadId: threadId('18c0') }
}

export function contentOf(key: number, over: Partial<MessageContent> = {}): MessageContent {
  return {
    key: messageKey(key),
    internalDate: 1_700_000_000_000 + key,
    sizeBytes: 1000 + key,
    snippet: `Snippet ${key} – “curly”`,
    summary: {
      sizeBytes: 1000 + key,
      envelope: `("Mon, 1 Jan 2024" "Caf\u00e9 ${key}" NIL NIL NIL NIL NIL NIL NIL "<${key}@example.org>")`,
      bodyStructure: '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL NIL NIL NIL)',
      body: '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1)',
      sentDate: key % 2 === 0 ? undefined : 1_700_000_000_000,
      sentDay: key % 2 === 0 ? undefined : 20231114,
      from: 'Ada Lovelace ada@example.org',
      to: 'Charles \u{1f600} charles@example.org',
      cc: '',
      bcc: '',
      subject: `Analytical engine ${key}`,
      rfcMessageId: key % 3 === 0 ? undefined : `<${key}@example.org>`,
      inReplyTo: [],
      references: ['<a@example.org>', '<b@example.org>'],
    },
    header: Buffer.from(`Subject: Analytical engine ${key}\r\nX-Bytes: \u00ff\r\n\r\n`, 'latin1'),
    ...over,
  }
}

/** Messages `from` to `to` made and joined to a mailbox, UID = key. */
export function filled(from: number, to: number, mailbox: MailboxId = inbox.id): Changeset {
  const keys = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  return {
    newMessages: keys.map((key) => messageRow(key)),
    join: keys.map((key) => ({ mailbox, uid: uid(key), key: messageKey(key), modSeq: modSeq(1) })),
  }
}

/** Commit n of many: messages 10n-9 to 10n, UID = key, which the sync state tells of. */
export function tenMessages(n: number): Changeset {
  const keys = Array.from({ length: 10 }, (_, index) => messageKey(n * 10 - 9 + index))
  return {
    sync: { phase: 'live', historyId: BigInt(n), modSeq: modSeq(n), nextKey: messageKey(n * 10 + 1) },
    mailboxes: [mailboxRow({ uidNext: uid(n * 10 + 1), highestModSeq: modSeq(n) })],
    newMessages: keys.map((key) => messageRow(key, { modSeq: modSeq(n) })),
    join: keys.map((key) => ({ mailbox: inbox.id, uid: uid(key), key, modSeq: modSeq(n) })),
    content: keys.map((key) => contentOf(key)),
    flags: keys.map((key) => ({ key, bits: 1, keywords: [`k${n}`], modSeq: modSeq(n) })),
  }
}

/** Keys as Gmail lists them: newest, which is the highest, first. */
export function stagedNewestFirst(label: LabelId, keys: readonly number[]): Changeset {
  return { stage: [{ labelId: label, refs: keys.toSorted((a, b) => b - a).map(stagedRef) }] }
}

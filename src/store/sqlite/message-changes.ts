import type { ModSeq } from '#mail/ids.ts'
import { FlagBit } from '#mail/flags.ts'
import { StoreError, type Changeset, type Mark } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { runsInOrder, runsOf } from './runs.ts'

/** New messages, and new flags of those that are there. Call inside a transaction; throws StoreError. */
export function applyMessages(part: AccountPart, { newMessages, flags, marks }: Changeset): void {
  const { db, account, keywords } = part
  const insert = db.prepare(
    `insert into message (m, account, message_id, thread_id, hydrated) values (?, ?, ?, ?, ?)
     on conflict (m) do update set thread_id = excluded.thread_id, hydrated = max(hydrated, excluded.hydrated)
     where message_id = excluded.message_id`,
  )
  const insertFlags = db.prepare(
    `insert into flags values (?, ?, ?, ?)
     on conflict do update set bits = excluded.bits, keywords = excluded.keywords, mod_seq = excluded.mod_seq`,
  )
  for (const row of newMessages ?? []) {
    const m = part.m(row.key)
    const { changes } = insert.run(m, account, row.messageId, row.threadId, Number(row.hydrated))
    if (changes === 0)
      throw new StoreError('duplicate', `Cannot use message key ${row.key} again: it is another message's`)
    insertFlags.run(m, row.bits & ~FlagBit.deleted, keywords.intern(row.keywords), row.modSeq)
  }
  applyFlags(part, flags ?? [])
  for (const mark of marks ?? []) applyMark(part, mark)
}

function applyMark({ db, firstM }: AccountPart, { keys, add, remove, modSeq }: Mark): void {
  const update = db.prepare('update flags set bits = (bits & ~?) | ?, mod_seq = ? where m between ? and ?')
  for (const { first, last } of runsInOrder(keys))
    update.run(remove | FlagBit.deleted, add & ~FlagBit.deleted, modSeq, firstM + first, firstM + last)
}

/** Messages that come to have the same flags are written together. */
function applyFlags(part: AccountPart, flags: NonNullable<Changeset['flags']>): void {
  const { db, keywords } = part
  const update = db.prepare('update flags set bits = ?, keywords = ?, mod_seq = ? where m between ? and ?')
  const groups = new Map<string, { bits: number; words: number; modSeq: ModSeq; ms: number[] }>()
  for (const { key, bits: told, keywords: list, modSeq } of flags) {
    const bits = told & ~FlagBit.deleted
    const words = keywords.intern(list)
    const name = `${bits} ${words} ${modSeq}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { bits, words, modSeq, ms: [part.m(key)] })
    else group.ms.push(part.m(key))
  }
  for (const { bits, words, modSeq, ms } of groups.values())
    for (const { first, last } of runsOf(ms)) update.run(bits, words, modSeq, first, last)
}

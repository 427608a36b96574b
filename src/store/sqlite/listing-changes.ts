import type { LabelId } from '#mail/ids.ts'
import type { Changeset, Correction, StagedRef } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { discard } from './garbage.ts'

/**
 * Listings of labels and what is staged for them. Inside a transaction. A staged row has its place in the list from 1 up; one that
 * is below 0 says that the message is not listed, whatever a page says.
 */
export function applyListings(part: AccountPart, { unstage, corrections, stage, listings }: Changeset): void {
  for (const label of unstage ?? []) emptyStaging(part, label)
  if (corrections !== undefined) correct(part, corrections)
  for (const { labelId, refs } of stage ?? []) addStaged(part, labelId, refs)
  for (const row of listings ?? [])
    part.db.run(
      `insert into listing (account, label, page_token, stage, staged) values (?, ?, ?, ?, ?)
       on conflict (account, label) do update set page_token = excluded.page_token, stage = excluded.stage,
         staged = excluded.staged`,
      part.account,
      row.labelId,
      row.pageToken ?? null,
      row.stage,
      row.staged,
    )
}

function emptyStaging(part: AccountPart, label: LabelId): void {
  const { db } = part
  const list = part.list(label)
  if (list === undefined) return
  discard(db, 'list', list)
  db.run(
    `insert or replace into listing (account, label, page_token, stage, staged)
     select account, label, page_token, stage, staged from listing where list = ?`,
    list,
  )
}

function addStaged(part: AccountPart, label: LabelId, refs: readonly StagedRef[]): void {
  const { db } = part
  const list = madeList(part, label)
  const insert = db.prepare('insert or ignore into staged values (?, ?, ?, ?)')
  let [n] = db.get<[number]>('select max(0, coalesce(max(n), 0)) from staged where list = ?', list) ?? [0]
  for (const { messageId, threadId } of refs) insert.run(list, ++n, messageId, threadId)
}

function correct(part: AccountPart, corrections: readonly Correction[]): void {
  const { db } = part
  const lists = new Map<LabelId, number>()
  const overrule = {
    listed: db.prepare('delete from staged where list = ? and message_id = ? and n < 0'),
    unlisted: db.prepare('delete from staged where list = ? and message_id = ? and n > 0'),
  }
  const note = {
    listed: db.prepare(
      `insert or ignore into staged
       select ?1, max(0, coalesce(max(n), 0)) + 1, ?2, ?3 from staged where list = ?1`,
    ),
    unlisted: db.prepare(
      `insert or ignore into staged
       select ?1, min(0, coalesce(min(n), 0)) - 1, ?2, ?3 from staged where list = ?1`,
    ),
  }
  for (const { labelId, ref, listed } of corrections) {
    const list = lists.get(labelId) ?? madeList(part, labelId)
    lists.set(labelId, list)
    const said = listed ? 'listed' : 'unlisted'
    overrule[said].run(list, ref.messageId)
    note[said].run(list, ref.messageId, ref.threadId)
  }
}

function madeList(part: AccountPart, label: LabelId): number {
  part.db.run('insert or ignore into listing (account, label) values (?, ?)', part.account, label)
  return part.list(label) ?? 0
}

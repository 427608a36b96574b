import type { LabelId } from '#mail/ids.ts'
import type { Changeset, Correction, StagedRef } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { texts } from './array-literals.ts'
import type { Transaction } from './database.ts'
import { discard } from './garbage.ts'

/**
 * Listings of labels and what is staged for them. Inside a transaction. A staged row has its place in the list from 1 up; one that
 * is below 0 says that the message is not listed, whatever a page says.
 */
export async function applyListings(
  part: AccountPart,
  tx: Transaction,
  { unstage, corrections = [], stage, listings }: Changeset,
): Promise<void> {
  const { account } = part
  for (const label of unstage ?? []) await emptyStaging(part, tx, label)
  for (const [label, some] of Map.groupBy(corrections, ({ labelId }) => labelId))
    await correct(part, tx, label, some)
  for (const { labelId, refs } of stage ?? []) await addStaged(part, tx, labelId, refs)
  for (const row of listings ?? [])
    await tx.run(
      `insert into listing (account, label, page_token, stage, staged) values ($1, $2, $3, $4, $5)
       on conflict (account, label) do update set page_token = excluded.page_token, stage = excluded.stage,
         staged = excluded.staged`,
      account,
      row.labelId,
      row.pageToken ?? null,
      row.stage,
      row.staged,
    )
}

async function emptyStaging(part: AccountPart, tx: Transaction, label: LabelId): Promise<void> {
  const list = await listOf(part, tx, label)
  if (list === undefined) return
  await discard(tx, 'list', list)
  await tx.run('update listing set list = default where list = $1', list)
}

async function addStaged(
  part: AccountPart,
  tx: Transaction,
  label: LabelId,
  refs: readonly StagedRef[],
): Promise<void> {
  await insertAfter(tx, await madeList(part, tx, label), refs)
}

async function correct(
  part: AccountPart,
  tx: Transaction,
  label: LabelId,
  corrections: readonly Correction[],
): Promise<void> {
  const list = await madeList(part, tx, label)
  const refsThatAre = (wanted: boolean) =>
    corrections.filter(({ listed }) => listed === wanted).map(({ ref }) => ref)
  const unlisted = refsThatAre(false)
  if (unlisted.length > 0) {
    await overrule(tx, list, 'n > 0', unlisted)
    await tx.run(
      `insert into staged
       select $1::bigint, (select least(coalesce(min(n), 0), 0) from staged where list = $1::bigint) - r.n, r.id, r.thread
       from unnest($2::text[], $3::text[]) with ordinality r(id, thread, n) order by r.n
       on conflict do nothing`,
      list,
      ...columns(unlisted),
    )
  }
  const listed = refsThatAre(true)
  if (listed.length > 0) {
    await overrule(tx, list, 'n < 0', listed)
    await insertAfter(tx, list, listed)
  }
}

async function overrule(
  tx: Transaction,
  list: number,
  where: 'n > 0' | 'n < 0',
  refs: readonly StagedRef[],
): Promise<void> {
  const [ids] = columns(refs)
  await tx.run(`delete from staged where list = $1 and message_id = any($2::text[]) and ${where}`, list, ids)
}

/** What is there already stays where it is. */
async function insertAfter(tx: Transaction, list: number, refs: readonly StagedRef[]): Promise<void> {
  await tx.run(
    `insert into staged
     select $1::bigint, r.n + (select greatest(coalesce(max(n), 0), 0) from staged where list = $1::bigint), r.id, r.thread
     from unnest($2::text[], $3::text[]) with ordinality r(id, thread, n) order by r.n
     on conflict do nothing`,
    list,
    ...columns(refs),
  )
}

function columns(refs: readonly StagedRef[]): [ids: string, threads: string] {
  return [texts(refs.map(({ messageId }) => messageId)), texts(refs.map(({ threadId }) => threadId))]
}

async function madeList(part: AccountPart, tx: Transaction, label: LabelId): Promise<number> {
  await tx.run(
    'insert into listing (account, label) values ($1, $2) on conflict do nothing',
    part.account,
    label,
  )
  const list = await listOf(part, tx, label)
  if (list === undefined) throw new Error('The listing that was just made is not there')
  return list
}

async function listOf(
  { account }: AccountPart,
  tx: Transaction,
  label: LabelId,
): Promise<number | undefined> {
  const row = await tx.get<[number]>(
    'select list from listing where account = $1 and label = $2',
    account,
    label,
  )
  return row?.[0]
}

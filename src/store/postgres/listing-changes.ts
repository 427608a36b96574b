import type { LabelId } from '#mail/ids.ts'
import type { Changeset, StagedRef } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { texts } from './array-literals.ts'
import type { Transaction } from './database.ts'
import { discard } from './garbage.ts'

/** Listings of labels and what is staged for them. Inside a transaction. */
export async function applyListings(
  part: AccountPart,
  tx: Transaction,
  { unstage, stage, listings }: Changeset,
): Promise<void> {
  const { account } = part
  for (const label of unstage ?? []) await emptyStaging(part, tx, label)
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
  await tx.run(
    'insert into listing (account, label) values ($1, $2) on conflict do nothing',
    part.account,
    label,
  )
  const list = await listOf(part, tx, label)
  if (list === undefined) throw new Error('The listing that was just made is not there')
  await tx.run(
    `insert into staged
     select $1::bigint, r.n + (select coalesce(max(n), 0) from staged where list = $1::bigint), r.id, r.thread
     from unnest($2::text[], $3::text[]) with ordinality r(id, thread, n) order by r.n
     on conflict do nothing`,
    list,
    texts(refs.map(({ messageId }) => messageId)),
    texts(refs.map(({ threadId }) => threadId)),
  )
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

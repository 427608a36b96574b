import type { MailboxId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import { StoreError, type Changeset } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { booleans, numbers } from './array-literals.ts'
import { chunksOf } from './chunks.ts'
import type { Transaction } from './database.ts'
import { applySaveDates } from './save-date-rows.ts'

interface Place {
  readonly mailbox: MailboxId
  readonly uid: Uid
  readonly modSeq: ModSeq
}

/** Who leaves, is marked \Deleted, joins and is forgotten. Inside a transaction; throws StoreError. */
export async function applyMemberships(
  part: AccountPart,
  tx: Transaction,
  changes: Changeset,
): Promise<void> {
  const { leave, deleted, join, forget } = changes
  const boxes = [leave, deleted, join].some((list) => list !== undefined && list.length > 0)
    ? await boxesOf(part, tx)
    : new Map<MailboxId, number>()
  const columns = (rows: readonly Place[]) =>
    [
      numbers(rows.map(({ mailbox }) => boxIn(boxes, mailbox))),
      numbers(rows.map(({ uid }) => uid)),
      numbers(rows.map(({ modSeq }) => modSeq)),
    ] as const
  for await (const rows of chunksOf(leave))
    await tx.run(
      `with gone as (
         delete from membership e using unnest($1::bigint[], $2::bigint[], $3::bigint[]) r(box, uid, mod_seq)
         where e.box = r.box and e.uid = r.uid returning e.box, r.mod_seq, e.uid)
       insert into vanished select box, mod_seq, uid from gone on conflict do nothing`,
      ...columns(lastOfEach(rows)),
    )
  for await (const rows of chunksOf(deleted)) {
    const list = lastOfEach(rows)
    await tx.run(
      `update membership e set deleted = r.deleted, mod_seq = r.mod_seq
       from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[]) r(box, uid, mod_seq, deleted)
       where e.box = r.box and e.uid = r.uid`,
      ...columns(list),
      booleans(list.map((row) => row.deleted)),
    )
  }
  await applySaveDates(part, tx, changes)
  for await (const rows of chunksOf(join)) await joinAll(part, tx, rows, columns)
  for await (const keys of chunksOf(forget))
    await tx.run('delete from message where m = any($1::bigint[])', part.ms(keys))
}

async function joinAll(
  part: AccountPart,
  tx: Transaction,
  rows: readonly (Place & { readonly key: MessageKey })[],
  columns: (rows: readonly Place[]) => readonly [string, string, string],
): Promise<void> {
  const list = lastOfEach(rows)
  const keys = part.ms(list.map(({ key }) => key))
  const changed = await tx.run(
    `insert into membership as e
     select r.box, r.uid, r.m, false, r.mod_seq
     from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) r(box, uid, mod_seq, m)
     on conflict (box, uid) do update set mod_seq = greatest(e.mod_seq, excluded.mod_seq)
     where e.m = excluded.m`,
    ...columns(list),
    keys,
  )
  const last = new Map(list.map((row) => [placeName(row), row.key]))
  const twice = rows.find((row) => last.get(placeName(row)) !== row.key)
  if (changed < list.length || twice !== undefined)
    throw new StoreError(
      'duplicate',
      `Cannot give a UID in mailbox ${(twice ?? list[0])?.mailbox} again: it is another message's`,
    )
}

async function boxesOf({ account }: AccountPart, tx: Transaction): Promise<Map<MailboxId, number>> {
  return new Map(await tx.all<[MailboxId, number]>('select id, box from mailbox where account = $1', account))
}

function boxIn(boxes: ReadonlyMap<MailboxId, number>, mailbox: MailboxId): number {
  const box = boxes.get(mailbox)
  if (box === undefined) throw new RangeError(`Cannot change mailbox ${mailbox}: the store does not have it`)
  return box
}

/** One statement changes a row once; the last word counts. */
function lastOfEach<Row extends Place>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [placeName(row), row])).values()]
}

/** As a number: both are whole and below 2^32, but mailboxes are few. */
function placeName({ mailbox, uid }: Place): number {
  return mailbox * 2 ** 32 + uid
}

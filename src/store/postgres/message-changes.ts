import { FlagBit } from '#mail/flags.ts'
import type { MessageKey } from '#mail/ids.ts'
import { StoreError, type Changeset, type Mark, type MessageRow } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { booleans, numbers, texts } from './array-literals.ts'
import type { Transaction } from './database.ts'
import { chunksOf } from './chunks.ts'

type Flags = NonNullable<Changeset['flags']>[number]

/** New messages, and new flags of those that are there. Inside a transaction; throws StoreError. */
export async function applyMessages(
  part: AccountPart,
  tx: Transaction,
  { newMessages, flags, marks = [] }: Changeset,
): Promise<void> {
  for await (const rows of chunksOf(newMessages)) await insertMessages(part, tx, rows)
  for await (const rows of chunksOf(flags)) await updateFlags(part, tx, rows)
  for (const mark of marks) await applyMark(part, tx, mark)
}

async function applyMark(part: AccountPart, tx: Transaction, mark: Mark): Promise<void> {
  for await (const keys of chunksOf([...mark.keys] as MessageKey[]))
    await tx.run(
      'update message set bits = (bits & ~$1::integer) | $2::integer, mod_seq = $3 where m = any($4::bigint[])',
      mark.remove | FlagBit.deleted,
      mark.add & ~FlagBit.deleted,
      mark.modSeq,
      part.ms(keys),
    )
}

async function insertMessages(
  part: AccountPart,
  tx: Transaction,
  rows: readonly MessageRow[],
): Promise<void> {
  const keys = new Map(rows.map((row) => [row.key, row]))
  const list = [...keys.values()]
  const changed = await tx.run(
    `insert into message (m, account, message_id, thread_id, bits, keywords, mod_seq, hydrated)
     select r.m, $1::bigint, r.message_id, r.thread_id, r.bits, r.keywords, r.mod_seq, r.hydrated
     from unnest($2::bigint[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::boolean[])
       r(m, message_id, thread_id, bits, keywords, mod_seq, hydrated)
     on conflict (m) do update set thread_id = excluded.thread_id, bits = excluded.bits,
       keywords = excluded.keywords, mod_seq = excluded.mod_seq, hydrated = message.hydrated or excluded.hydrated
     where message.message_id = excluded.message_id`,
    part.account,
    part.ms(list.map(({ key }) => key)),
    texts(list.map(({ messageId }) => messageId)),
    texts(list.map(({ threadId }) => threadId)),
    numbers(list.map(({ bits }) => bits & ~FlagBit.deleted)),
    numbers(await internAll(part, tx, list)),
    numbers(list.map(({ modSeq }) => modSeq)),
    booleans(list.map(({ hydrated }) => hydrated)),
  )
  const twice = rows.find((row) => keys.get(row.key)?.messageId !== row.messageId)
  if (changed < list.length || twice !== undefined)
    throw new StoreError(
      'duplicate',
      `Cannot use a message key from ${Math.min(...list.map(({ key }) => key))} up again: it is another message's`,
    )
}

/** Of one message the last word counts. */
async function updateFlags(part: AccountPart, tx: Transaction, rows: readonly Flags[]): Promise<void> {
  const list = [...new Map(rows.map((row) => [row.key, row])).values()]
  await tx.run(
    `update message m set bits = r.bits, keywords = r.keywords, mod_seq = r.mod_seq
     from unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[]) r(m, bits, keywords, mod_seq)
     where m.m = r.m`,
    part.ms(list.map(({ key }) => key)),
    numbers(list.map(({ bits }) => bits & ~FlagBit.deleted)),
    numbers(await internAll(part, tx, list)),
    numbers(list.map(({ modSeq }) => modSeq)),
  )
}

async function internAll(
  { keywords }: AccountPart,
  tx: Transaction,
  rows: readonly Pick<MessageRow, 'keywords'>[],
): Promise<number[]> {
  const found: number[] = []
  for (const row of rows) found.push(row.keywords.length === 0 ? 0 : await keywords.intern(tx, row.keywords))
  return found
}

import type { MailboxId } from '#mail/ids.ts'
import { purposes } from '../purposes.ts'
import type { Changeset, MailboxRow, SyncState } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { applyContent } from './content-rows.ts'
import type { Transaction } from './database.ts'
import { discard } from './garbage.ts'
import { applyListings } from './listing-changes.ts'
import { applyMemberships } from './membership-changes.ts'
import { applyMessages } from './message-changes.ts'
import { requireAccount } from './require-account.ts'

/** Writes a Changeset; true when it gives UIDs. Throws StoreError, and then nothing may be committed. */
export async function applyChanges(part: AccountPart, tx: Transaction, changes: Changeset): Promise<boolean> {
  const { account } = part
  await requireAccount(tx, account)
  const validities = (changes.mailboxes ?? []).map(({ uidValidity }) => uidValidity)
  const mark = Math.max(0, changes.sync?.uidValidityMark ?? 0, ...validities)
  const givesUids = mark > 0 || changes.join !== undefined
  if (givesUids) await part.ledger.countCommit(tx, mark)
  if (changes.sync !== undefined) await applySync(part, tx, changes.sync)
  if (changes.labels !== undefined)
    await tx.run(
      'insert into label_list values ($1, $2) on conflict (account) do update set sealed = excluded.sealed',
      account,
      part.seal.seal(Buffer.from(JSON.stringify(changes.labels)), purposes.labels(account)),
    )
  for (const mailbox of changes.dropMailboxes ?? []) await dropMailbox(part, tx, mailbox)
  for (const mailbox of changes.mailboxes ?? []) await applyMailbox(part, tx, mailbox)
  await applyMessages(part, tx, changes)
  await applyMemberships(part, tx, changes)
  await applyContent(part, tx, changes.content ?? [])
  await applyListings(part, tx, changes)
  return givesUids
}

async function applySync({ account }: AccountPart, tx: Transaction, sync: Partial<SyncState>): Promise<void> {
  const { phase, historyId, modSeq, nextKey } = sync
  await tx.run('insert into sync (account) values ($1) on conflict do nothing', account)
  await tx.run(
    `update sync set phase = coalesce($2, phase), mod_seq = coalesce($3, mod_seq),
       next_key = coalesce($4, next_key), history_id = case when $5::boolean then $6 else history_id end
     where account = $1`,
    account,
    phase ?? null,
    modSeq ?? null,
    nextKey ?? null,
    'historyId' in sync,
    historyId?.toString() ?? null,
  )
}

async function applyMailbox({ account }: AccountPart, tx: Transaction, row: MailboxRow): Promise<void> {
  await tx.run(
    `insert into mailbox
       (account, id, label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (account, id) do update set label = excluded.label, uid_validity = excluded.uid_validity,
       uid_next = excluded.uid_next, highest_mod_seq = excluded.highest_mod_seq, whole = excluded.whole,
       subscribed = excluded.subscribed, gone = excluded.gone`,
    account,
    row.id,
    row.labelId,
    row.uidValidity,
    row.uidNext,
    row.highestModSeq,
    row.whole,
    row.subscribed,
    row.gone,
  )
}

/** The mailbox gets a new number; rows under the old one are out of reach at once and deleted later. */
async function dropMailbox({ account }: AccountPart, tx: Transaction, mailbox: MailboxId): Promise<void> {
  const [box] =
    (await tx.get<[number]>('select box from mailbox where account = $1 and id = $2', account, mailbox)) ?? []
  if (box === undefined) return
  await discard(tx, 'box', box)
  await tx.run('update mailbox set box = default where box = $1', box)
}

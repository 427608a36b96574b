import type { MailboxId } from '#mail/ids.ts'
import { StoreError, type Changeset, type MailboxRow, type SyncState } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { ContentRows } from './content-rows.ts'
import { encodeContent } from '../content-codec.ts'
import { discard } from './garbage.ts'
import { applyListings } from './listing-changes.ts'
import { applyMemberships } from './membership-changes.ts'
import { applyMessages } from './message-changes.ts'
import { purposes } from '../purposes.ts'

/**
 * Writes a Changeset; true when it gives UIDs. Call inside a transaction; throws StoreError, and then nothing may be
 * committed.
 */
export function applyChanges(part: AccountPart, changes: Changeset): boolean {
  const { db, account } = part
  const alive = db.get<[number]>('select 1 from account where id = ? and removed = 0', account)
  if (alive === undefined)
    throw new StoreError('no-account', `Cannot write for account ${account}: it was removed`)
  const givesUids = changes.mayLag !== true && countUids(part, changes)
  if (changes.sync !== undefined && !isToldByMailboxes(changes)) applySync(part, changes.sync)
  if (changes.labels !== undefined)
    db.run(
      'insert into label_list values (?, ?) on conflict do update set sealed = excluded.sealed',
      account,
      part.seal.seal(Buffer.from(JSON.stringify(changes.labels)), purposes.labels(account)),
    )
  for (const mailbox of changes.dropMailboxes ?? []) dropMailbox(part, mailbox)
  for (const mailbox of changes.mailboxes ?? []) applyMailbox(part, mailbox)
  applyMessages(part, changes)
  applyMemberships(part, changes)
  applyContent(part, changes)
  applyListings(part, changes)
  return givesUids
}

/** True when UIDs or a UIDVALIDITY are given. */
function countUids({ ledger }: AccountPart, { sync, mailboxes = [], join }: Changeset): boolean {
  const mark = Math.max(0, sync?.uidValidityMark ?? 0, ...mailboxes.map(({ uidValidity }) => uidValidity))
  if (mark === 0 && join === undefined) return false
  ledger.countCommit(mark)
  return true
}

/** A MODSEQ that a mailbox has as its highest needs no second place: `sync` looks there too. */
function isToldByMailboxes({ sync, mailboxes = [] }: Changeset): boolean {
  return (
    sync !== undefined &&
    Object.keys(sync).join() === 'modSeq' &&
    mailboxes.some(({ highestModSeq }) => highestModSeq === sync.modSeq)
  )
}

function applySync({ db, account }: AccountPart, sync: Partial<SyncState>): void {
  db.run(
    `insert into sync values (?1, coalesce(?2, 'unsynced'), ?6, coalesce(?3, 0), coalesce(?4, 1))
     on conflict do update set phase = coalesce(?2, phase), mod_seq = coalesce(?3, mod_seq),
       next_key = coalesce(?4, next_key), history_id = case when ?5 then ?6 else history_id end`,
    account,
    sync.phase ?? null,
    sync.modSeq ?? null,
    sync.nextKey ?? null,
    Number('historyId' in sync),
    sync.historyId?.toString() ?? null,
  )
}

function applyMailbox(part: AccountPart, row: MailboxRow): void {
  const { db, account } = part
  const values = [
    row.labelId,
    row.uidValidity,
    row.uidNext,
    row.highestModSeq,
    Number(row.whole),
    Number(row.subscribed),
    Number(row.gone),
    account,
    row.id,
  ]
  // Nearly always it is there, and an insertion writes the table of the numbers that were given too.
  const { changes } = db.run(
    `update mailbox set label = ?, uid_validity = ?, uid_next = ?, highest_mod_seq = ?, whole = ?, subscribed = ?, gone = ?
     where account = ? and id = ?`,
    ...values,
  )
  if (changes > 0) return
  part.forgetBoxes()
  db.run(
    `insert into mailbox (label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone, account, id)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...values,
  )
}

/** The mailbox gets a new number; rows under the old one are out of reach at once and deleted later. */
function dropMailbox(part: AccountPart, mailbox: MailboxId): void {
  const { db } = part
  const box = part.box(mailbox)
  if (box === undefined) return
  discard(db, 'box', box)
  part.forgetBoxes()
  // AUTOINCREMENT gives the row that takes its place a number that was never used.
  db.run(
    `insert or replace into mailbox
       (account, id, label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone)
     select account, id, label, uid_validity, uid_next, highest_mod_seq, whole, subscribed, gone
     from mailbox where box = ?`,
    box,
  )
}

function applyContent(part: AccountPart, { content }: Changeset): void {
  const hydrate = part.db.prepare(
    'update message set hydrated = 1, internal_date = ?, size_bytes = ? where m = ?',
  )
  const known = (content ?? []).filter(
    ({ key, internalDate, sizeBytes }) => hydrate.run(internalDate, sizeBytes, part.m(key)).changes > 0,
  )
  new ContentRows(part).write(
    known.map(({ key, snippet, summary, header, sieve }) => ({
      key,
      content: encodeContent(snippet, summary),
      header,
      sieve,
    })),
  )
}

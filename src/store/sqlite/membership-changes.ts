import type { MailboxId, ModSeq, Uid } from '#mail/ids.ts'
import { StoreError, type Changeset } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { ContentRows } from './content-rows.ts'
import { runsOf, type Run } from './runs.ts'
import { applySaveDates } from './save-date-rows.ts'

/** Who leaves, is marked \Deleted, joins and is forgotten. Call inside a transaction; throws StoreError. */
export function applyMemberships(part: AccountPart, changes: Changeset): void {
  const { leave, deleted, join, forget } = changes
  const { db } = part
  const boxes = new Map<MailboxId, number>()
  const boxOf = (mailbox: MailboxId): number => {
    const box = boxes.get(mailbox) ?? part.box(mailbox)
    if (box === undefined)
      throw new RangeError(`Cannot change mailbox ${mailbox}: the store does not have it`)
    boxes.set(mailbox, box)
    return box
  }
  const remember = db.prepare(
    `insert or ignore into vanished
     select box, ?, uid from membership where box = ? and uid between ? and ?`,
  )
  const remove = db.prepare('delete from membership where box = ? and uid between ? and ?')
  for (const { box, modSeq, first, last } of together(leave ?? [], boxOf)) {
    remember.run(modSeq, box, first, last)
    remove.run(box, first, last)
  }
  const mark = db.prepare(
    'update membership set deleted = ?, mod_seq = ? where box = ? and uid between ? and ?',
  )
  for (const rows of alike(deleted ?? []))
    for (const { box, modSeq, first, last } of together(rows, boxOf))
      mark.run(Number(rows[0]?.deleted), modSeq, box, first, last)
  applySaveDates(part, changes)
  const insert = db.prepare(
    `insert into membership values (?, ?, ?, 0, ?)
     on conflict (box, uid) do update set mod_seq = max(mod_seq, excluded.mod_seq) where m = excluded.m`,
  )
  for (const { mailbox, uid, key, modSeq } of join ?? [])
    if (insert.run(boxOf(mailbox), uid, part.m(key), modSeq).changes === 0)
      throw new StoreError(
        'duplicate',
        `Cannot give UID ${uid} in mailbox ${mailbox} again: it is another message's`,
      )
  const drop = db.prepare('delete from message where m = ?')
  const contents = new ContentRows(part)
  for (const key of forget ?? []) {
    drop.run(part.m(key))
    contents.forget(key)
  }
}

/** In their order, as of one message the last word counts: those with one value after another together. */
function* alike<Row extends { readonly deleted: boolean }>(rows: readonly Row[]): Generator<Row[]> {
  let some: Row[] = []
  for (const row of rows) {
    if (some.length > 0 && some[0]?.deleted !== row.deleted) {
      yield some
      some = []
    }
    some.push(row)
  }
  if (some.length > 0) yield some
}

/** UIDs of one mailbox and MODSEQ that follow one another. */
function* together(
  rows: readonly { readonly mailbox: MailboxId; readonly uid: Uid; readonly modSeq: ModSeq }[],
  boxOf: (mailbox: MailboxId) => number,
): Generator<Run & { box: number; modSeq: ModSeq }> {
  const groups = new Map<string, { box: number; modSeq: ModSeq; uids: number[] }>()
  for (const { mailbox, uid, modSeq } of rows) {
    const name = `${mailbox} ${modSeq}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { box: boxOf(mailbox), modSeq, uids: [uid] })
    else group.uids.push(uid)
  }
  for (const { box, modSeq, uids } of groups.values())
    for (const run of runsOf(uids)) yield { box, modSeq, ...run }
}

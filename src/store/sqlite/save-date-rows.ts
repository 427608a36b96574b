import type { MailboxId } from '#mail/ids.ts'
import { SaveDates } from '#mail/save-dates.ts'
import { savedToTheSecond, type Changeset } from '../store.ts'
import type { AccountPart } from './account-part.ts'

/** When those came who join: a row for each mailbox and second. Call inside a transaction, before they join. */
export function applySaveDates(part: AccountPart, { join, saved }: Changeset): void {
  if (join === undefined && saved === undefined) return
  const { db, account } = part
  const insert = 'insert or replace into save_date select box, ?, ? from mailbox where account = ? and id = ?'
  if (saved !== undefined) {
    for (const { mailbox, uid, at } of saved) db.run(insert, uid, at ?? null, account, mailbox)
    return
  }
  const now = savedToTheSecond(part.clock.now())
  const seen = new Set<MailboxId>()
  for (const { mailbox, uid } of join ?? []) {
    // The first of a mailbox has the lowest UID.
    if (seen.has(mailbox)) continue
    seen.add(mailbox)
    const [box, whole] =
      db.get<[number, number]>(
        'select box, whole from mailbox where account = ? and id = ?',
        account,
        mailbox,
      ) ?? []
    if (box === undefined) continue
    // Who was in it when it was listed first came at some time before.
    const at = whole === 1 ? now : null
    const [last] = db.get<[number | null]>(
      'select at from save_date where box = ? and uid <= ? order by uid desc limit 1',
      box,
      uid,
    ) ?? [null]
    if (last === at || isMember(part, box, uid)) continue
    db.run(insert, uid, at, account, mailbox)
  }
}

/** The changeset is said again. */
function isMember({ db }: AccountPart, box: number, uid: number): boolean {
  return db.get('select 1 from membership where box = ? and uid = ?', box, uid) !== undefined
}

export function readSaveDates(part: AccountPart, mailbox: MailboxId): SaveDates {
  const rows = part.db.all<[number, number | null]>(
    'select uid, at from save_date where box = ? order by uid',
    part.box(mailbox) ?? 0,
  )
  return SaveDates.ofRows(rows)
}

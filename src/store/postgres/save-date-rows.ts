import type { MailboxId } from '#mail/ids.ts'
import { SaveDates } from '#mail/save-dates.ts'
import { savedToTheSecond, type Changeset } from '../store.ts'
import { boxOf, type AccountPart } from './account-part.ts'
import type { Transaction } from './database.ts'

/** When those came who join: a row for each mailbox and second. Inside a transaction, before they join. */
export async function applySaveDates(
  part: AccountPart,
  tx: Transaction,
  { join, saved }: Changeset,
): Promise<void> {
  const { account } = part
  if (saved !== undefined) {
    for (const { mailbox, uid, at } of saved)
      await tx.run(
        `insert into save_date select box, $3, $4 from mailbox where account = $1 and id = $2
         on conflict (box, uid) do update set at = excluded.at`,
        account,
        mailbox,
        uid,
        at ?? null,
      )
    return
  }
  const now = savedToTheSecond(part.clock.now())
  const seen = new Set<MailboxId>()
  for (const { mailbox, uid } of join ?? []) {
    // The first of a mailbox has the lowest UID.
    if (seen.has(mailbox)) continue
    seen.add(mailbox)
    // Who was in it when it was listed first came at some time before; a changeset that is said again changes nothing.
    await tx.run(
      `insert into save_date
       select b.box, $3::bigint, b.at
       from (select box, case when whole then $4::bigint end as at from mailbox where account = $1 and id = $2) b
       where b.at is distinct from
           (select s.at from save_date s where s.box = b.box and s.uid <= $3 order by s.uid desc limit 1)
         and not exists (select 1 from membership e where e.box = b.box and e.uid = $3)
       on conflict (box, uid) do update set at = excluded.at`,
      account,
      mailbox,
      uid,
      now,
    )
  }
}

export async function readSaveDates(part: AccountPart, mailbox: MailboxId): Promise<SaveDates> {
  const rows = await part.all<[number, number | null]>(
    `select uid, at from save_date where box = ${boxOf} order by uid`,
    part.account,
    mailbox,
  )
  return SaveDates.ofRows(rows)
}

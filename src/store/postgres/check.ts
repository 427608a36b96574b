import { StoreError } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { openContent } from './content-rows.ts'
import type { Database } from './database.ts'

/** Contents opened in one go. */
const rowsAtOnce = 200

/** What in the rows cannot be: an empty list is a sound database. The pages themselves are PostgreSQL's to check. */
export async function checkRows(db: Database): Promise<string[]> {
  const [strays = 0, beyond = 0] =
    (await db.get<[number, number]>(
      `select
         (select count(*) from membership e where not exists (select 1 from message m where m.m = e.m)),
         (select count(*) from membership e join mailbox b on b.box = e.box where e.uid >= b.uid_next)`,
    )) ?? []
  return [
    ...(strays > 0 ? [`${strays} rows of mailboxes speak of messages that are not there`] : []),
    ...(beyond > 0 ? [`${beyond} rows of mailboxes have a UID that was not given yet`] : []),
  ]
}

/** Reads and opens what is kept of every message: seals that do not open are damage. */
export async function checkContents(part: AccountPart): Promise<string[]> {
  let broken = 0
  for (let from = part.firstM; ;) {
    const rows = await part.all<[number, Buffer, Buffer, Buffer | null]>(
      `select m, content, header, sieve from content where m between $1 and $2 order by m limit ${rowsAtOnce}`,
      from,
      part.lastM,
    )
    for (const [m, content, header, sieve] of rows) if (!opens(part, m, { content, header, sieve })) broken++
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) break
    from = last[0] + 1
  }
  return broken > 0 ? [`what is kept of ${broken} messages of account ${part.account} cannot be opened`] : []
}

function opens(
  part: AccountPart,
  m: number,
  sealed: Record<'content' | 'header', Buffer> & { sieve: Buffer | null },
): boolean {
  try {
    for (const kind of ['content', 'header', 'sieve'] as const) {
      const value = sealed[kind]
      if (value !== null) openContent(part, kind, part.key(m), value)
    }
    return true
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'damaged') return false
    throw error
  }
}

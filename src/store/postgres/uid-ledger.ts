import { randomBytes } from 'node:crypto'
import type { Log } from '#mail/surroundings.ts'
import { MarkFile, type Mark } from '../mark-file.ts'
import { StoreError } from '../store.ts'
import type { Database, Transaction } from './database.ts'

/** The mark file may lag behind by so many commits. */
const lagCommits = 64

type State = [database: string, fingerprint: string, commits: number, uidValidity: number]

/**
 * Keeps the promise that no UID is given twice: the UIDVALIDITY high-water mark and the number of commits that gave UIDs,
 * each in the database and in the mark file in the data folder. A database that is older than the file, or of which neither
 * the file nor the server says that it is the one we left, gets a new UIDVALIDITY for every mailbox.
 */
export class UidLedger {
  /** Random, made with the database. */
  readonly database: string
  readonly #file: MarkFile
  readonly #path: string
  readonly #log: Log
  #mark: number
  #commits: number
  #writtenMark = -1
  #writtenCommits = -1

  private constructor(path: string, log: Log, database: string, mark: number, commits: number) {
    this.#path = path
    this.#log = log
    this.#file = new MarkFile(path)
    this.database = database
    this.#mark = mark
    this.#commits = commits
  }

  /** `path` without `.mark`, `now` in epoch milliseconds. Throws StoreError. */
  static async open(
    db: Database,
    { path, now, log }: { path: string; now: number; log: Log },
  ): Promise<UidLedger> {
    const fingerprint = await fingerprintOf(db)
    const known = new MarkFile(path).read()
    const { ledger, restored } = await db.transaction(async (tx) => {
      await tx.run(
        'insert into state (database) values ($1) on conflict do nothing',
        randomBytes(16).toString('hex'),
      )
      const state = await tx.get<State>('select database, fingerprint, commits, uid_validity from state')
      if (state === undefined) throw new Error('The table state is empty')
      const [database, , commits, uidValidity] = state
      const own = known?.database === database ? known : undefined
      const some = await tx.get('select 1 from mailbox limit 1')
      const isRestored = some !== undefined && isOlder(state, fingerprint, own)
      let mark = Math.max(uidValidity, known?.uidValidity ?? 0)
      if (isRestored) {
        mark = Math.max(mark + 1, Math.floor(now / 1000))
        await tx.run('update mailbox set uid_validity = $1', mark)
      }
      // The database before the file: after a kill between the two the file is behind, which means nothing.
      const next = Math.max(commits, own?.commits ?? 0) + 1
      await tx.run(
        'update state set fingerprint = $1, uid_validity = $2, commits = $3',
        fingerprint,
        mark,
        next,
      )
      return { ledger: new UidLedger(path, log, database, mark, next), restored: isRestored }
    })
    ledger.#write(ledger.#commits)
    if (restored)
      log.warn(
        { uidValidity: ledger.#mark },
        'The database is not as Postern left it: it was restored, or its server replaced. All mailboxes get a new UIDVALIDITY, so clients load them anew.',
      )
    return ledger
  }

  get uidValidityMark(): number {
    return this.#mark
  }

  /** Call inside a transaction that gives `uidValidity`, if any, and UIDs. Throws StoreError `disk`. */
  async countCommit(tx: Transaction, uidValidity: number): Promise<void> {
    if (uidValidity > this.#mark) {
      this.#mark = uidValidity
      // The file first: a mark that is too high costs nothing.
      this.#write(this.#writtenCommits)
    }
    await tx.run('update state set uid_validity = $1, commits = $2', this.#mark, this.#commits + 1)
  }

  /** Call after that transaction was committed. */
  committed(): void {
    this.#commits += 1
    if (this.#commits - this.#writtenCommits >= lagCommits) this.flush()
  }

  /** Call before the database is closed, and when it is lost: the file then knows of every commit. */
  flush(): void {
    if (this.#writtenCommits === this.#commits && this.#writtenMark === this.#mark) return
    try {
      this.#write(this.#commits)
    } catch (err) {
      this.#log.warn({ err }, 'Cannot write the mark file in the data folder; the next commits try again.')
    }
  }

  #write(commits: number): void {
    try {
      this.#file.write({ database: this.database, uidValidity: this.#mark, commits })
      this.#writtenMark = this.#mark
      this.#writtenCommits = commits
    } catch (cause) {
      throw new StoreError(
        'disk',
        `Cannot write ${this.#path}.mark. Check that there is room and that Postern may write there.`,
        { cause },
      )
    }
  }
}

/**
 * Whether the database may lack commits that we made. The same server on the same timeline has all of them, unless the file
 * knows of more. Another one, as after a dump, a recovery or a failover, has them if the file counts exactly as many, which it
 * does after an orderly end.
 */
function isOlder([, was, commits]: State, fingerprint: string, own: Mark | undefined): boolean {
  if (was !== fingerprint) return own?.commits !== commits
  return own !== undefined && own.commits > commits
}

/** Changes when the database is made anew, the server is made anew, or recovers to a moment, or a replica takes over. */
async function fingerprintOf(db: Database): Promise<string> {
  const numbers = (await db.get<[string, string]>(
    `select oid::text, 'state'::regclass::oid::text from pg_database where datname = current_database()`,
  )) ?? ['', '']
  try {
    const server = await db.get<[string, string]>(
      'select system_identifier::text, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) from pg_control_system()',
    )
    return [...numbers, ...(server ?? [])].join(' ')
  } catch (error) {
    // Some hosts do not show these to everybody.
    if (!(error instanceof StoreError) || !String(error.cause).includes('42501')) throw error
    return numbers.join(' ')
  }
}

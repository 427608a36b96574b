import { randomBytes } from 'node:crypto'
import type { Log } from '#mail/surroundings.ts'
import { StoreError } from '../store.ts'
import type { Database } from './database.ts'
import { MarkFile } from '../mark-file.ts'

/** The mark file may lag behind by so many commits; a backup that is older by less and by no restart goes unnoticed. */
const lagCommits = 64

/**
 * Keeps the promise that no UID is given twice: the UIDVALIDITY high-water mark and the number of commits that gave
 * UIDs, each in the database and in the mark file. When the file knows of more commits than the database, or is not
 * there, the database is an older copy, and every mailbox gets a new UIDVALIDITY. Where both were restored together nothing
 * can be noticed.
 */
export class UidLedger {
  /** Random, made with the database. */
  readonly database: string
  readonly #db: Database
  readonly #file: MarkFile
  readonly #log: Log
  #mark: number
  #commits: number
  #writtenMark: number
  #writtenCommits: number

  /** `now` in epoch milliseconds. Throws StoreError. */
  constructor(db: Database, now: number, log: Log) {
    this.#db = db
    this.#log = log
    this.#file = new MarkFile(db.path)
    const id = this.#meta('database')
    this.database = typeof id === 'string' ? id : randomBytes(16).toString('hex')
    const known = this.#file.read()
    const own = known?.database === this.database ? known : undefined
    const commits = Number(this.#meta('commits') ?? 0)
    this.#mark = Math.max(Number(this.#meta('uid-validity') ?? 0), known?.uidValidity ?? 0)
    const [mailboxes] = db.get<[number]>('select count(*) from mailbox') ?? [0]
    const restored = mailboxes > 0 && (own === undefined || own.commits > commits)
    if (restored) this.#mark = Math.max(this.#mark + 1, Math.floor(now / 1000))
    // The database before the file: after a kill between the two the file is behind, which means nothing.
    this.#commits = Math.max(commits, own?.commits ?? 0) + 1
    db.transaction(() => {
      if (restored) db.run('update mailbox set uid_validity = ?', this.#mark)
      this.#setMeta('database', this.database)
      this.#setMeta('uid-validity', this.#mark)
      this.#setMeta('commits', this.#commits)
    })
    this.#writtenMark = this.#mark
    this.#writtenCommits = this.#commits
    this.#write()
    if (restored)
      log.warn(
        { uidValidity: this.#mark },
        'The database is older than its mark file, or the mark file is missing: it was restored. All mailboxes get a new UIDVALIDITY, so clients load them anew.',
      )
  }

  get uidValidityMark(): number {
    return this.#mark
  }

  /** Call inside a transaction that gives `uidValidity`, if any, and UIDs. Throws StoreError `disk`. */
  countCommit(uidValidity: number): void {
    if (uidValidity > this.#mark) {
      this.#mark = uidValidity
      // The file first: a mark that is too high costs nothing.
      this.#write()
    }
    this.#setMeta('uid-validity', this.#mark)
    this.#setMeta('commits', this.#commits + 1)
  }

  /** Call after that transaction was committed. Returns how many there are. */
  committed(): number {
    this.#commits += 1
    return this.#commits
  }

  /** So many commits are on the disk: only then may the file know of them. */
  settled(commits: number): void {
    if (commits - this.#writtenCommits < lagCommits) return
    this.#writtenCommits = commits
    try {
      this.#write()
    } catch (error) {
      this.#log.warn(
        { err: error },
        'Cannot write the mark file beside the database; the next commits try again.',
      )
    }
  }

  /** Call before the database is closed, when all commits are on the disk. */
  close(): void {
    if (this.#writtenCommits === this.#commits && this.#writtenMark === this.#mark) return
    this.#writtenCommits = this.#commits
    this.#write()
  }

  #write(): void {
    try {
      this.#file.write({ database: this.database, uidValidity: this.#mark, commits: this.#writtenCommits })
      this.#writtenMark = this.#mark
    } catch (error) {
      throw new StoreError(
        'disk',
        `Cannot write the mark file beside ${this.#db.path}. Check that there is room and that Postern may write there.`,
        { cause: error },
      )
    }
  }

  #meta(name: string): unknown {
    return this.#db.get<[unknown]>('select value from meta where name = ?', name)?.[0]
  }

  #setMeta(name: string, value: string | number): void {
    this.#db.run(
      'insert into meta values (?, ?) on conflict do update set value = excluded.value',
      name,
      value,
    )
  }
}

import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { wholeFrames } from './wal-frames.ts'

/** Brings the data of an open file to the disk, beside the event loop. Rejects with the file system's error. */
export type SyncData = (file: number) => Promise<void>

const systemSync: SyncData = promisify(fdatasync)

/**
 * The write-ahead log by a handle of our own. SQLite makes the file when it first opens the database, keeps it until it
 * closes it, and empties it by truncation: it stays the same file. It takes its locks on the database file only, so that
 * closing this handle, which on POSIX drops all locks of the process on *its* file, lets nobody in.
 */
export class WalFile {
  readonly #file: number
  readonly #syncData: SyncData
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #closed = false

  /** The database must be open. Throws the file system's error. */
  constructor(databasePath: string, syncData: SyncData = systemSync) {
    // Windows flushes only what was opened for writing.
    this.#file = openSync(`${databasePath}-wal`, 'r+')
    this.#syncData = syncData
  }

  /** All that was written before this call is on the disk when it resolves. Whoever comes while one runs shares the next. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#start()
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  /** See `wholeFrames`. */
  wholeFrames(): Promise<number> {
    return wholeFrames(this.#file)
  }

  /** The handle is closed when nobody uses it any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const shut = () => closeSync(this.#file)
    const last = this.#next ?? this.#running
    if (last === undefined) shut()
    else void last.then(shut, shut)
  }

  #start(): Promise<void> {
    this.#running = this.#syncData(this.#file).finally(() => {
      if (this.#next === undefined) this.#running = undefined
    })
    return this.#running
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { StoreError } from '../store.ts'

/**
 * Says beside the database who has it open. It only informs: what keeps a second instance out is the operating system's
 * lock on the database, which ends with its process. So a file left by a kill, or whose pid is another program's by now,
 * never locks anybody out.
 */
export class InstanceLock {
  readonly #path: string | undefined

  constructor(databasePath: string) {
    this.#path = databasePath === ':memory:' ? undefined : `${databasePath}.lock`
  }

  /** Call when the database is ours. A fault is of no consequence. */
  write(now: number): void {
    if (this.#path === undefined) return
    try {
      const text = JSON.stringify({ pid: process.pid, startedAt: new Date(now).toISOString() })
      writeFileSync(this.#path, `${text}\n`, { mode: 0o600 })
    } catch {
      // The database is writable or the next write to it will say why not.
    }
  }

  /** The error for somebody who found the database locked, with the holder's pid as far as it is known. */
  refusal(cause: unknown): StoreError {
    const holder = this.#holder()
    const who =
      holder === undefined
        ? 'another Postern'
        : `another Postern (pid ${holder.pid}, since ${holder.startedAt})`
    return new StoreError(
      'locked',
      `The data folder is in use by ${who}. Stop that one first, or choose another folder.`,
      {
        cause,
      },
    )
  }

  /** A file that cannot be removed locks nobody out. */
  remove(): void {
    if (this.#path === undefined) return
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // The disk takes no changes; whoever writes to the database is told.
    }
  }

  #holder(): { pid: number; startedAt: string } | undefined {
    if (this.#path === undefined) return undefined
    try {
      const read: unknown = JSON.parse(readFileSync(this.#path, 'utf8'))
      if (typeof read !== 'object' || read === null || !('pid' in read) || !('startedAt' in read))
        return undefined
      const { pid, startedAt } = read
      const valid =
        typeof pid === 'number' && typeof startedAt === 'string' && /^[\dTZ:.-]{20,30}$/.test(startedAt)
      return valid ? { pid, startedAt } : undefined
    } catch {
      return undefined
    }
  }
}

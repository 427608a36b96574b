import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

/** What the file beside the database says. */
export interface Mark {
  /** Id of the database it belongs to. */
  readonly database: string
  /** No UIDVALIDITY at or below this may be given again. */
  readonly uidValidity: number
  /** How many commits that give UIDs the database had, at least. */
  readonly commits: number
}

/**
 * The UIDVALIDITY high-water mark and a count of commits in a second place, so that a database restored from an older
 * backup is noticed: it would give UIDs a second time, to other messages.
 */
export class MarkFile {
  readonly #path: string | undefined

  /** No file for `:memory:`. */
  constructor(databasePath: string) {
    this.#path = databasePath === ':memory:' ? undefined : `${databasePath}.mark`
  }

  /** Undefined when there is none or it cannot be understood. */
  read(): Mark | undefined {
    if (this.#path === undefined) return undefined
    try {
      const read = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Record<keyof Mark, unknown>> | null
      const { database, uidValidity, commits } = read ?? {}
      if (
        typeof database !== 'string' ||
        !Number.isSafeInteger(uidValidity) ||
        !Number.isSafeInteger(commits)
      )
        return undefined
      return { database, uidValidity: uidValidity as number, commits: commits as number }
    } catch {
      return undefined
    }
  }

  /** Whole or not at all, also when the power fails. Throws the file system's error. */
  write(mark: Mark): void {
    if (this.#path === undefined) return
    const temporary = `${this.#path}.new`
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeSync(file, `${JSON.stringify(mark)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, this.#path)
  }
}

import type { Seal } from '#mail/surroundings.ts'
import type { Database } from './database.ts'
import { purposes } from '../purposes.ts'

const none: readonly string[] = []

/** The distinct lists of free keywords of one account; a message's row holds the number of its list, 0 for none. */
export class KeywordSets {
  readonly #db: Database
  readonly #seal: Seal
  readonly #account: number
  #byNumber: Map<number, readonly string[]> | undefined
  readonly #byText = new Map<string, number>()

  constructor(db: Database, seal: Seal, account: number) {
    this.#db = db
    this.#seal = seal
    this.#account = account
  }

  words(number: number): readonly string[] {
    return number === 0 ? none : (this.#load().get(number) ?? none)
  }

  /** Call inside a transaction. */
  intern(words: readonly string[]): number {
    if (words.length === 0) return 0
    const byNumber = this.#load()
    const text = JSON.stringify(words)
    const known = this.#byText.get(text)
    if (known !== undefined) return known
    const number = this.#db.run(
      'insert into keyword_set (account, sealed) values (?, ?)',
      this.#account,
      this.#seal.seal(Buffer.from(text), purposes.keywords(this.#account)),
    ).lastInsertRowid
    byNumber.set(number, [...words])
    this.#byText.set(text, number)
    return number
  }

  /** Call when a transaction was rolled back: what it made is not there. */
  forget(): void {
    this.#byNumber = undefined
    this.#byText.clear()
  }

  #load(): Map<number, readonly string[]> {
    if (this.#byNumber !== undefined) return this.#byNumber
    const byNumber = new Map<number, readonly string[]>()
    const rows = this.#db.all<[number, Uint8Array]>(
      'select id, sealed from keyword_set where account = ?',
      this.#account,
    )
    for (const [number, sealed] of rows) {
      const text = this.#seal.open(sealed, purposes.keywords(this.#account)).toString()
      byNumber.set(number, JSON.parse(text) as string[])
      this.#byText.set(text, number)
    }
    this.#byNumber = byNumber
    return byNumber
  }
}

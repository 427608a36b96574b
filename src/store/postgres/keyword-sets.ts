import type { Seal } from '#mail/surroundings.ts'
import { purposes } from '../purposes.ts'
import type { Database, Transaction } from './database.ts'

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

  /** Call before `words` and `intern`, in a turn of the account. */
  async load(): Promise<void> {
    if (this.#byNumber !== undefined) return
    const rows = await this.#db.all<[number, Buffer]>(
      'select id, sealed from keyword_set where account = $1',
      this.#account,
    )
    const byNumber = new Map<number, readonly string[]>()
    for (const [number, sealed] of rows) {
      const text = this.#seal.open(sealed, purposes.keywords(this.#account)).toString()
      byNumber.set(number, JSON.parse(text) as string[])
      this.#byText.set(text, number)
    }
    this.#byNumber = byNumber
  }

  words(number: number): readonly string[] {
    return number === 0 ? none : (this.#loaded().get(number) ?? none)
  }

  /** Inside a transaction. */
  async intern(tx: Transaction, words: readonly string[]): Promise<number> {
    if (words.length === 0) return 0
    const text = JSON.stringify(words)
    const known = this.#byText.get(text)
    if (known !== undefined) return known
    const made = await tx.get<[number]>(
      'insert into keyword_set (account, sealed) values ($1, $2) returning id',
      this.#account,
      this.#seal.seal(Buffer.from(text), purposes.keywords(this.#account)),
    )
    const number = made?.[0] ?? 0
    this.#loaded().set(number, [...words])
    this.#byText.set(text, number)
    return number
  }

  /** Call when a transaction was rolled back: what it made is not there. */
  forget(): void {
    this.#byNumber = undefined
    this.#byText.clear()
  }

  #loaded(): Map<number, readonly string[]> {
    if (this.#byNumber === undefined) throw new Error('The keywords were not loaded')
    return this.#byNumber
  }
}

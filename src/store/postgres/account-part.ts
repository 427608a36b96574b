import type { MessageKey } from '#mail/ids.ts'
import type { Clock, Seal } from '#mail/surroundings.ts'
import { numbers } from './array-literals.ts'
import type { Database, Transaction } from './database.ts'
import { KeywordSets } from './keyword-sets.ts'
import type { Row, Value } from './session.ts'
import { Turns } from './turns.ts'
import type { UidLedger } from './uid-ledger.ts'

const keysPerAccount = 2 ** 32

/** What the reading and the writing side of one account's store share. */
export class AccountPart {
  readonly db: Database
  readonly ledger: UidLedger
  readonly account: number
  readonly keywords: KeywordSets
  readonly turns = new Turns()
  /** `m` of key 0 and of the highest key. */
  readonly firstM: number
  readonly lastM: number
  readonly seal: Seal
  readonly clock: Clock

  constructor(db: Database, seal: Seal, ledger: UidLedger, account: number, clock: Clock) {
    if (account > 2 ** 20) throw new RangeError(`Cannot use account ${account}: at most 2^20 can be numbered`)
    this.db = db
    this.ledger = ledger
    this.account = account
    this.keywords = new KeywordSets(db, seal, account)
    this.firstM = account * keysPerAccount
    this.lastM = this.firstM + keysPerAccount - 1
    this.seal = seal
    this.clock = clock
  }

  /** One statement that reads, in its turn. */
  all<R extends Row>(sql: string, ...values: Value[]): Promise<R[]> {
    return this.turns.read(() => this.db.all<R>(sql, ...values))
  }

  async get<R extends Row>(sql: string, ...values: Value[]): Promise<R | undefined> {
    return (await this.all<R>(sql, ...values))[0]
  }

  /** One transaction, in its turn. */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.turns.write(() => this.db.transaction(work))
  }

  m(key: MessageKey): number {
    return this.firstM + key
  }

  /** As a list of PostgreSQL's. */
  ms(keys: readonly MessageKey[]): string {
    return numbers(keys.map((key) => this.firstM + key))
  }

  key(m: number): MessageKey {
    return (m - this.firstM) as MessageKey
  }
}

/** The number of a mailbox of account `$1` with the id `$2`, for statements. */
export const boxOf = '(select box from mailbox where account = $1 and id = $2)'

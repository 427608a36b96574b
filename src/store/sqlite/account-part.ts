import type { LabelId, MailboxId, MessageKey } from '#mail/ids.ts'
import type { Clock, Seal } from '#mail/surroundings.ts'
import type { Database } from './database.ts'
import { KeywordSets } from './keyword-sets.ts'
import type { UidLedger } from './uid-ledger.ts'

const keysPerAccount = 2 ** 32

/** What the reading and the writing side of one account's store share. */
export class AccountPart {
  readonly db: Database
  readonly ledger: UidLedger
  readonly account: number
  readonly keywords: KeywordSets
  /** `m` of key 0 and of the highest key. */
  readonly firstM: number
  readonly lastM: number
  readonly seal: Seal
  readonly clock: Clock
  #syncing: Promise<void> | undefined
  #boxes: Map<number, MailboxId> | undefined

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

  /** A transaction that is on the disk when it resolves; the event loop is free meanwhile. Throws StoreError. */
  async durably<T>(work: () => T): Promise<T> {
    const result = this.db.transaction(work, { durable: false })
    await this.synced()
    return result
  }

  /** Resolves when what was committed before is on the disk. Throws StoreError `disk`, in doubt. */
  async synced(): Promise<void> {
    const syncing = this.db.synced()
    this.#syncing = syncing
    try {
      await syncing
    } finally {
      // A later one holds for this one too.
      if (this.#syncing === syncing) this.#syncing = undefined
    }
  }

  /**
   * Hands out what was read as soon as it is on the disk: above all UIDs and MODSEQs, which would be given a second time after
   * a power cut that takes the first away. Throws StoreError while it is not known what the disk has.
   */
  async settled<T>(read: T): Promise<T> {
    await this.#syncing
    this.db.assertSure()
    return read
  }

  m(key: MessageKey): number {
    return this.firstM + key
  }

  key(m: number): MessageKey {
    return (m - this.firstM) as MessageKey
  }

  /** Undefined for a mailbox that the store does not have. */
  box(mailbox: MailboxId): number | undefined {
    return this.db.get<[number]>(
      'select box from mailbox where account = ? and id = ?',
      this.account,
      mailbox,
    )?.[0]
  }

  /** The mailboxes by their numbers, those that were dropped left out. */
  get boxes(): ReadonlyMap<number, MailboxId> {
    this.#boxes ??= new Map(
      this.db.all<[number, MailboxId]>(
        'select box, id from mailbox where account = ? order by id',
        this.account,
      ),
    )
    return this.#boxes
  }

  /** Call when mailboxes come, are dropped, or a transaction was rolled back. */
  forgetBoxes(): void {
    this.#boxes = undefined
  }

  list(label: LabelId): number | undefined {
    return this.db.get<[number]>(
      'select list from listing where account = ? and label = ?',
      this.account,
      label,
    )?.[0]
  }
}

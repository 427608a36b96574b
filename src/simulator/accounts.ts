import { IdSource, SeededRandom, type SimulatorClock } from './surroundings.ts'
import { Mailbox, type MailboxEvent } from './mailbox/mailbox.ts'

/** One mailbox's owner. */
export interface Account {
  readonly address: string
  /** `Demo` in `Demo <demo@gmail.test>`. */
  readonly name: string
  readonly mailbox: Mailbox
  /** For what a client is handed and never sees again: attachment ids, Message-IDs. */
  readonly random: SeededRandom
}

export interface AccountSurroundings {
  readonly clock: SimulatorClock
  /** Differs from run to run of a simulator that keeps its state, so that no id comes twice. */
  readonly seed: string
  /** A file, or `:memory:`. */
  pathOf(address: string): string
  changed(event: MailboxEvent): void
}

/** The people who have a mailbox here, in the order in which they came. */
export class AccountBook {
  readonly #around: AccountSurroundings
  readonly #accounts = new Map<string, Account>()

  constructor(around: AccountSurroundings) {
    this.#around = around
  }

  all(): Account[] {
    return [...this.#accounts.values()]
  }

  /** Without regard to case; what follows a + in the local part does not count. */
  find(address: string): Account | undefined {
    const lower = address.toLowerCase()
    return this.#accounts.get(lower) ?? this.#accounts.get(lower.replace(/\+[^@]*@/, '@'))
  }

  /** Opens the mailbox, new or from an earlier run. */
  add(address: string, name: string): Account {
    const lower = address.toLowerCase()
    const present = this.#accounts.get(lower)
    if (present) return present
    const { clock, seed } = this.#around
    const now = () => clock.now()
    const ids = new IdSource(now, new SeededRandom(seed, `ids ${lower}`))
    const mailbox = new Mailbox(address, this.#around.pathOf(lower), {
      now,
      ids,
      random: new SeededRandom(seed, `history ${lower}`),
      changed: (event) => this.#around.changed(event),
    })
    const newest = mailbox.db.get<{ id: string }>('select id from message order by n desc limit 1')?.id
    if (newest !== undefined) ids.startAfter(newest)
    const account = { address, name, mailbox, random: new SeededRandom(seed, `account ${lower}`) }
    this.#accounts.set(lower, account)
    return account
  }

  close(): void {
    for (const { mailbox } of this.#accounts.values()) mailbox.close()
    this.#accounts.clear()
  }
}

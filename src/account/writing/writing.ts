import type { Gmail } from '#gmail/gmail.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Transfer } from '#mail/writing.ts'
import type { Book } from '../book.ts'
import { DraftBook } from './draft-book.ts'
import { ExpungeBehaviorSetting } from './expunge-behavior.ts'
import type { ExpungeBehavior } from './expunge-rules.ts'
import { Expunger } from './expunger.ts'
import { Relabeller } from './relabeller.ts'
import { Transfers } from './transfers.ts'

export interface WritingOptions {
  readonly book: Book
  readonly gmail: Gmail
  readonly clock: Clock
  /** Instead of the account's own setting. */
  readonly expunge: ExpungeBehavior | 'account'
  /** Called after each commit: history read before it is older than the store. */
  readonly onChange: () => void
}

/** What an account does to its mail besides flags. Targets are whole; errors are Gmail's and the store's own. */
export class Writing {
  readonly #transfers: Transfers
  readonly #expunger: Expunger

  constructor(options: WritingOptions) {
    const { gmail, clock } = options
    const relabeller = new Relabeller(options)
    const drafts = new DraftBook(gmail)
    const behavior = new ExpungeBehaviorSetting({ gmail, clock, decided: options.expunge })
    this.#transfers = new Transfers({ ...options, relabeller })
    this.#expunger = new Expunger({ ...options, relabeller, drafts, behavior })
  }

  transfer(
    kind: 'copy' | 'move',
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    return this.#transfers.transfer(kind, source, keys, target, signal)
  }

  expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    return this.#expunger.expunge(mailbox, keys, signal)
  }
}

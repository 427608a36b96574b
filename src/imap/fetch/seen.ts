import { MailError } from '#mail/errors.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MessageKey } from '#mail/ids.ts'
import { keyAt } from '#mail/snapshot.ts'
import type { Selected } from '../command.ts'

/** Gmail's limit for one batchModify. facts/gmail-api.md section 1.2. */
const batchLimit = 1000

/**
 * Gathers the messages whose text was sent, to set \Seen for all of them in one change: "The \Seen flag is implicitly
 * set". RFC 9051 section 6.4.5. Nothing is set in a view opened by EXAMINE or for a login that may only read.
 */
export class SeenMarker {
  readonly #context: Selected
  readonly #active: boolean
  #keys: MessageKey[] = []

  constructor(context: Selected, setsSeen: boolean) {
    this.#context = context
    this.#active = setsSeen && !context.view.readOnly && !context.rights.readOnly
  }

  /** The message at this index of the view was sent. */
  sent(index: number): void {
    if (!this.#active) return
    const { told } = this.#context.view
    const { bits } = told.flagTable.get(told.flags[index] as number)
    if ((bits & FlagBit.seen) === 0) this.#keys.push(keyAt(told, index))
  }

  get full(): boolean {
    return this.#keys.length >= batchLimit
  }

  /**
   * Sets the flag. The client has its text: that Gmail cannot be reached now or does not permit the change is no reason
   * to tell it that the FETCH failed. Flags are told when they have changed.
   */
  async mark(): Promise<void> {
    const keys = this.#keys
    if (keys.length === 0) return
    this.#keys = []
    const { mailstore, view, log, signal } = this.#context
    if (view.mailbox.id === undefined) return
    try {
      const change = { mode: 'add', bits: FlagBit.seen, keywords: [] } as const
      await mailstore.changeFlags(view.mailbox.id, keys, change, signal)
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      log.warn({ code: error.code, messages: keys.length }, 'Cannot mark fetched messages as read')
    }
  }
}

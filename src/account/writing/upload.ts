import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail, StoredMessage } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { LabelId } from '#mail/ids.ts'
import type { Clock } from '#mail/surroundings.ts'
import { isUserLabel, systemLabel } from '../label-rules.ts'
import { dateSource, labelsForAppend } from './append-rules.ts'
import type { ArrivalSearch } from './arrival-search.ts'
import type { Incoming, TakenIn } from './incoming.ts'

/** After a lost answer Gmail may still be at work: looked at once, and again after these pauses. */
const lookAgainMs = [1000, 2000, 4000]

/** Puts messages in at Gmail, each once. */
export class Upload {
  readonly #gmail: Gmail
  readonly #clock: Clock
  readonly #search: ArrivalSearch

  constructor(options: { gmail: Gmail; clock: Clock; search: ArrivalSearch }) {
    this.#gmail = options.gmail
    this.#clock = options.clock
    this.#search = options.search
  }

  /**
   * A lost answer is looked for among the arrivals; MailError `unavailable` when it is not there. The same octets again are
   * then looked for before they are put in.
   */
  async put(incoming: Incoming, label: LabelId, call: CallOptions): Promise<TakenIn> {
    const { bytes } = incoming
    const doubt = this.#search.doubtOf(bytes)
    if (doubt !== undefined) {
      const found = await this.#search.find(bytes, doubt, call)
      if (found !== undefined) return this.#found(incoming, found)
    }
    const before = this.#search.now()
    try {
      const taken = await this.#once(incoming, label, call)
      this.#search.claim(taken.stored.id)
      this.#search.settled(bytes)
      return taken
    } catch (error) {
      if (call.signal?.aborted === true && before !== undefined) this.#search.doubt(bytes, before)
      if (!(error instanceof GmailError) || !error.maybeDone || before === undefined) throw error
      this.#search.doubt(bytes, before)
      const found = await this.#lookFor(bytes, doubt ?? before, call).catch((lookError: unknown) => {
        if (!(lookError instanceof GmailError)) throw lookError
      })
      if (found !== undefined) return this.#found(incoming, found)
      throw new MailError('unavailable', 'Gmail did not say whether it took the message; try again', {
        cause: error,
      })
    }
  }

  #found(incoming: Incoming, stored: StoredMessage): TakenIn {
    this.#search.settled(incoming.bytes)
    return { incoming, stored, draftId: undefined }
  }

  async #lookFor(
    bytes: Buffer,
    before: Parameters<ArrivalSearch['find']>[1],
    call: CallOptions,
  ): Promise<StoredMessage | undefined> {
    for (const pauseMs of [0, ...lookAgainMs]) {
      if (pauseMs > 0) await this.#clock.sleep(pauseMs, call.signal)
      const found = await this.#search.find(bytes, before, call)
      if (found !== undefined) return found
    }
    return undefined
  }

  async #once(incoming: Incoming, label: LabelId, call: CallOptions): Promise<TakenIn> {
    const { bytes, mail, summary } = incoming
    if (label === systemLabel.draft) {
      const { draftId, message } = await this.#gmail.createDraft(bytes, call)
      return { incoming, stored: { ...message, labelIds: [systemLabel.draft] }, draftId }
    }
    const message = {
      bytes,
      labelIds: labelsForAppend(label, mail.bits),
      internalDate: dateSource(mail.internalDate, summary.sentDate, this.#clock.now()),
    }
    try {
      const stored = await this.#insert(message, call)
      return { incoming, stored, draftId: undefined }
    } catch (error) {
      if (error instanceof GmailError && error.status === 413)
        throw new MailError('too-big', 'Gmail does not take messages of this size', { cause: error })
      throw error
    }
  }

  /**
   * That a message may be put into Sent by hand is not established (fact sheet, end); Gmail does so by itself for what is
   * from the account (section 2.5).
   */
  async #insert(message: Parameters<Gmail['insertMessage']>[0], call: CallOptions): Promise<StoredMessage> {
    try {
      return await this.#gmail.insertMessage(message, call)
    } catch (error) {
      const without = message.labelIds.filter((one) => one !== systemLabel.sent)
      const isSent = without.length < message.labelIds.length
      if (!isSent || !(error instanceof GmailError) || error.kind !== 'invalid') throw error
      return await this.#gmail.insertMessage({ ...message, labelIds: without }, call)
    }
  }

  /** What was put in goes out again; of it nothing is committed. Gmail may not let us: then history brings it. */
  async takeBack(taken: readonly TakenIn[], call: CallOptions): Promise<void> {
    for (const { draftId, stored } of taken) {
      if (draftId !== undefined) await this.#gmail.deleteDraft(draftId, call)
      else await this.#takeOut(stored, call)
    }
  }

  async #takeOut({ id, labelIds }: StoredMessage, call: CallOptions): Promise<void> {
    try {
      await this.#gmail.deleteMessages([id], call)
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'forbidden') throw error
      const remove = labelIds.filter((one) => one === systemLabel.inbox || isUserLabel(one))
      await this.#gmail.modify([id], { add: [systemLabel.trash], remove }, call)
    }
  }
}

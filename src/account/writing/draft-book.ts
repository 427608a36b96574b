import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import type { MessageId } from '#mail/ids.ts'

/** More drafts than anybody has; the oldest knowledge goes first. */
const memoryLimit = 10_000
const pageLimit = 40

/** Which draft a message is the text of. Fact sheet section 2.8. */
export class DraftBook {
  readonly #gmail: Pick<Gmail, 'listDrafts'>
  readonly #byMessage = new Map<MessageId, string>()

  constructor(gmail: Pick<Gmail, 'listDrafts'>) {
    this.#gmail = gmail
  }

  note(message: MessageId, draftId: string): void {
    this.#byMessage.delete(message)
    this.#byMessage.set(message, draftId)
    for (const oldest of this.#byMessage.keys()) {
      if (this.#byMessage.size <= memoryLimit) break
      this.#byMessage.delete(oldest)
    }
  }

  forget(message: MessageId): void {
    this.#byMessage.delete(message)
  }

  /**
   * Drafts of those messages that are one. Lists drafts, 5 units for 500, only while some are not known: a message that
   * was not among them has been replaced, sent or deleted.
   */
  async find(messages: readonly MessageId[], call: CallOptions): Promise<ReadonlyMap<MessageId, string>> {
    const missing = new Set(messages.filter((id) => !this.#byMessage.has(id)))
    const found = new Map<MessageId, string>()
    for (const id of messages) {
      const draftId = this.#byMessage.get(id)
      if (draftId !== undefined) found.set(id, draftId)
    }
    let token: string | undefined
    for (let pages = 0; missing.size > 0 && pages < pageLimit; pages++) {
      const { drafts, nextPageToken } = await this.#gmail.listDrafts(token, call)
      for (const { draftId, message } of drafts) {
        this.note(message.id, draftId)
        if (missing.delete(message.id)) found.set(message.id, draftId)
      }
      if (nextPageToken === undefined) break
      token = nextPageToken
    }
    return found
  }
}

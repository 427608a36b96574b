import { indexOfUid, type MailboxSnapshot } from '#mail/snapshot.ts'
import { takeOut, updateLine, type SearchContext } from './search-context.ts'

/** A client of many views has one for each; more are refused. */
const contextLimit = 8
/** Results of all contexts of a session, 4 octets each. */
const resultLimit = 500_000

/** The searches of one session that are kept up to date. */
export class ContextBook {
  readonly #contexts = new Map<string, SearchContext>()

  get empty(): boolean {
    return this.#contexts.size === 0
  }

  all(): readonly SearchContext[] {
    return [...this.#contexts.values()]
  }

  has(tag: string): boolean {
    return this.#contexts.has(tag)
  }

  /** False when there are too many. */
  add(context: SearchContext): boolean {
    let results = context.results.length
    for (const other of this.#contexts.values()) results += other.results.length
    if (this.#contexts.size >= contextLimit || results > resultLimit) return false
    this.#contexts.set(context.tag, context)
    return true
  }

  cancel(tag: string): void {
    this.#contexts.delete(tag)
  }

  /** What leaves the results because it leaves the mailbox: told while `before` still counts. */
  *removals(before: MailboxSnapshot, newest: MailboxSnapshot): Generator<string, void, void> {
    if (before.uids === newest.uids) return
    for (const context of this.#contexts.values()) {
      const { left, removed } = takeOut(context, (uid) => indexOfUid(newest, uid) === -1)
      if (removed.length === 0) continue
      context.results = left
      yield updateLine(context, before, { removed, added: [] })
    }
  }
}

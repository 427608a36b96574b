import { GmailError } from '#gmail/gmail.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Book } from '../book.ts'
import { readableWithinMs } from '../ghosts.ts'
import type { Fetched, Intake } from '../intake.ts'
import { breathe, placesOf, readPresent, slicesOf } from '../present.ts'
import { labelsAfter } from './apply-history.ts'
import { labelsInFold } from './history-fold.ts'
import type { Effect, Effects } from './history-fold.ts'

/** More messages than this that history does not explain are cheaper listed than got. */
const unsureLimit = 100
const puzzlesLimit = 10_000
const messagesPerTurn = 250

/** All labels of a message, and the message itself where it was got just now. */
interface Told {
  readonly labelIds: readonly LabelId[]
  readonly fetched?: Fetched
}

/** Messages whose labels a get told, or that do not exist. */
export type Explanation = ReadonlyMap<MessageId, Told | 'gone'>

/** What a get told, and after how many records. */
interface Answer {
  readonly records: number
  readonly told: Told | 'gone'
}

/** Monotonic times, in milliseconds. */
interface Unreadable {
  readonly since: number
  readonly nextAt: number
}

/** Finds out what a stretch of history leaves open. SPEC.md, History 2, 3 and 6. */
export class Explainer {
  readonly #book: Book
  readonly #intake: Intake
  readonly #clock: Clock
  readonly #readLabels: (signal: AbortSignal) => Promise<void>
  /** Label ids on messages that labels.list does not know. Fact sheet section 7, quirk 10. */
  readonly #puzzles = new Set<LabelId>()
  readonly #unreadable = new Map<MessageId, Unreadable>()
  /** Of messages in the stretch of history that is being read again and again: each would cost a get every time. */
  readonly #answers = new Map<MessageId, Answer>()

  /** `readLabels` brings the book to what labels.list says. */
  constructor(options: {
    book: Book
    intake: Intake
    clock: Clock
    readLabels: (signal: AbortSignal) => Promise<void>
  }) {
    this.#book = options.book
    this.#intake = options.intake
    this.#clock = options.clock
    this.#readLabels = options.readLabels
  }

  /** History told of messages that cannot be read yet, and must tell of them again. */
  get isWaiting(): boolean {
    return this.#unreadable.size > 0
  }

  /** The labels are being read anew: what no list knew may be known now. */
  startAgain(): void {
    this.#puzzles.clear()
    this.#unreadable.clear()
    this.#answers.clear()
  }

  /** The stretch that was explained is written, and will not be read again. */
  done(): void {
    this.#answers.clear()
  }

  /** `relist` when a label appeared that wants a listing first, `lost` when listing everything is cheaper than asking. */
  async explain(effects: Effects, signal: AbortSignal): Promise<Explanation | 'relist' | 'lost'> {
    await this.#meetLabels(effects, signal)
    if (this.#book.sync.phase === 'listing') return 'relist'
    const unsure = await this.#unsureOf([...effects.values()])
    if (unsure.length > unsureLimit) return 'lost'
    const stillUnsure = new Set(unsure.map(({ ref }) => ref.messageId))
    for (const id of this.#unreadable.keys()) if (!stillUnsure.has(id)) this.#unreadable.delete(id)
    const told = new Map<MessageId, Told | 'gone'>()
    await Promise.all(
      unsure.map(async (effect) => {
        const answer = this.#answered(effect) ?? (await this.#ask(effect, signal))
        if (answer !== undefined) told.set(effect.ref.messageId, answer)
      }),
    )
    return told
  }

  async #meetLabels(effects: Effects, signal: AbortSignal): Promise<void> {
    const known = new Set(this.#book.labels.map(({ id }) => id))
    const strange = [...labelsInFold(effects)].filter((id) => !known.has(id) && !this.#puzzles.has(id))
    if (strange.length === 0) return
    await this.#readLabels(signal)
    const listed = new Set(this.#book.labels.map(({ id }) => id))
    if (this.#puzzles.size > puzzlesLimit) this.#puzzles.clear()
    for (const id of strange) if (!listed.has(id)) this.#puzzles.add(id)
  }

  async #unsureOf(effects: readonly Effect[]): Promise<Effect[]> {
    const unsure: Effect[] = []
    for (const slice of slicesOf(effects, messagesPerTurn)) {
      const ids = slice.map(({ ref }) => ref.messageId)
      const presentOf = await readPresent(this.#book.store, ids)
      const places = placesOf(this.#book)
      for (const effect of slice)
        if (labelsAfter(effect, presentOf(effect.ref.messageId), places) === 'unsure') unsure.push(effect)
      await breathe()
    }
    return unsure
  }

  /** What was told of it when the same history was read before, if nothing was recorded of it since. */
  #answered({ ref, records }: Effect): Told | 'gone' | undefined {
    const answer = this.#answers.get(ref.messageId)
    return answer?.records === records ? answer.told : undefined
  }

  /** Undefined for a message that cannot be read yet. */
  async #ask({ ref, records, arrived }: Effect, signal: AbortSignal): Promise<Told | 'gone' | undefined> {
    const id = ref.messageId
    const now = this.#clock.monotonicMs()
    const waiting = this.#unreadable.get(id)
    if (waiting !== undefined && now < waiting.nextAt) return undefined
    try {
      const fetched = await this.#intake.fetchAnew(id, { lane: 'sync', cause: 'history', signal })
      this.#unreadable.delete(id)
      const { labelIds } = fetched
      this.#answers.set(id, { records, told: { labelIds } })
      return { labelIds, fetched }
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'not-found') throw error
      const next = arrived ? askAgain(waiting, now) : undefined
      if (next === undefined) {
        this.#unreadable.delete(id)
        this.#answers.set(id, { records, told: 'gone' })
        return 'gone'
      }
      this.#unreadable.set(id, next)
      return undefined
    }
  }
}

/** When to ask again for a message that answered 404, ever more seldom; undefined when it has had its time. */
function askAgain(waiting: Unreadable | undefined, now: number): Unreadable | undefined {
  const since = waiting?.since ?? now
  const age = now - since
  return age > readableWithinMs ? undefined : { since, nextAt: now + Math.max(1000, age) }
}

import type { Clock } from '#mail/surroundings.ts'
import type { PushFigures } from '#metrics/sources.ts'

/** What became of a notice: Gmail is asked, its news was there already, or no account of ours is meant. */
type Outcome = 'asked' | 'known' | 'nobody'

/** Counts the notices of Pub/Sub. */
export class NoticeCounts {
  readonly #clock: Clock
  readonly #counts: Record<Outcome, number> = { asked: 0, known: 0, nobody: 0 }
  #lastMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(outcome: Outcome): void {
    this.#counts[outcome]++
    this.#lastMs = this.#clock.monotonicMs()
  }

  figures(): Pick<PushFigures, 'notices' | 'ageMs'> {
    const ageMs = this.#lastMs === undefined ? undefined : this.#clock.monotonicMs() - this.#lastMs
    return { notices: { ...this.#counts }, ageMs }
  }
}

import type { Crowd } from './crowd.ts'
import { Turn } from './turn.ts'

/**
 * Milliseconds that a client may have before the others have their turn. `work` is computed: longer than what a change of
 * turns costs, shorter than what a person notices. `download` is sent: a change of turns costs half of the speed when they are
 * brief. `pipeline` is one short command after another.
 */
const shares = { work: 5, download: 2, pipeline: 1 }
/** For what is sent while others ask for little: they wait for half of it. */
const briefMs = 0.15

/** What a share of the event loop is used for. */
export type Kind = keyof typeof shares

/** One client among the others: what it may take of the event loop. */
export class Turns {
  readonly #crowd: Crowd

  constructor(crowd: Crowd) {
    this.#crowd = crowd
  }

  /** It asks for something now. */
  asks(): void {
    this.#crowd.asked(this)
  }

  /** Whether others asked for something lately, and so will soon ask again. */
  get othersAsk(): boolean {
    return this.#crowd.asksBeside(this)
  }

  /** A share that begins now. */
  begin(kind: Kind): Turn {
    const shareMs = shares[kind]
    return new Turn(
      this.#crowd.clock,
      kind === 'download' ? () => (this.othersAsk ? briefMs : shareMs) : () => shareMs,
    )
  }
}

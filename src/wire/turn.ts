import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#mail/surroundings.ts'

/** Milliseconds for what is computed: longer than what a change of turns costs, shorter than what a person notices. */
const workMs = 5
/** For what is sent while nobody else wants anything: a change of turns costs half of the speed when they are brief. */
const downloadMs = 2
/** For what is sent while others ask for little: they wait for half of it. */
const briefMs = 0.15
/** Whoever asked for something so lately will soon ask again. */
const latelyMs = 50

let lastAskedMs = -Infinity

/** Some client asks for something now. */
export function noteAsked(clock: Clock): void {
  lastAskedMs = clock.monotonicMs()
}

/**
 * One session's share of the event loop: neither a long computation nor a client that pipelines may keep the others waiting.
 * Ask `over` now and then, then await `next`.
 */
export class Turn {
  readonly #clock: Clock
  readonly #kind: 'work' | 'download'
  #startedMs: number

  constructor(clock: Clock, kind: 'work' | 'download' = 'work') {
    this.#clock = clock
    this.#kind = kind
    this.#startedMs = clock.monotonicMs()
  }

  /** Whether this session has used the processor long enough. */
  get over(): boolean {
    const now = this.#clock.monotonicMs()
    return now - this.#startedMs >= (this.#kind === 'work' ? workMs : shareMs(now))
  }

  /** Resolves when everything that was waiting has had its turn. Throws the signal's reason when it is aborted. */
  async next(signal?: AbortSignal): Promise<void> {
    await setImmediate()
    signal?.throwIfAborted()
    this.#startedMs = this.#clock.monotonicMs()
  }
}

function shareMs(now: number): number {
  return now - lastAskedMs < latelyMs ? briefMs : downloadMs
}

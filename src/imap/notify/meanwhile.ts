import { setTimeout } from 'node:timers/promises'
import { Bell } from '../bell.ts'
import type { Chunk } from '../command.ts'
import { tell, type Hearing } from './tell.ts'

/** Between two looks while much is going on. */
const pauseMs = 100

/** How the session speaks. */
export interface Mouth {
  write(chunk: Chunk): Promise<void>
  flush(): void
}

/**
 * Tells what happens while no command is at work, from the moment it is made: what NOTIFY is for. Nothing else
 * may be written meanwhile but through `say`. RFC 5465 section 3.1.
 */
export class Meanwhile {
  readonly #context: Hearing
  readonly #mouth: Mouth
  readonly #bell = new Bell<'news' | 'stop'>()
  readonly #stopped = new AbortController()
  readonly #done: Promise<void>
  #telling = false
  /** What must wait for the end of an answer. */
  #later: Chunk[] = []
  #failure: { readonly error: unknown } | undefined

  constructor(context: Hearing, mouth: Mouth) {
    this.#context = context
    this.#mouth = mouth
    const wake = () => this.#bell.ring('news')
    context.feed?.onWake(wake)
    context.selected?.onWake(wake)
    // Something may have changed since the last answer.
    wake()
    this.#done = this.#run().catch((error: unknown) => {
      this.#failure = { error }
    })
  }

  /** Writes a whole line, in the next gap between two answers. */
  say(line: Chunk): void {
    if (this.#telling) this.#later.push(line)
    else this.#speak(line)
  }

  /** Tells until this settles, however; then resolves when nothing more is told. Rejects with what went wrong while telling. */
  async until(settled: Promise<unknown>): Promise<void> {
    await settled.catch(() => {})
    this.#context.feed?.onWake(undefined)
    this.#context.selected?.onWake(undefined)
    this.#stopped.abort()
    this.#bell.ring('stop')
    await this.#done
    if (this.#failure !== undefined && !this.#context.signal.aborted) throw this.#failure.error
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!(await this.#bell.heard()).has('stop')) {
      this.#telling = true
      for await (const chunk of tell(this.#context, { expunge: this.#mayExpunge }))
        await this.#mouth.write(chunk)
      this.#telling = false
      for (const line of this.#later.splice(0)) this.#speak(line)
      this.#mouth.flush()
      if (signal.aborted) return
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  /** A client that wants `selected` takes the risk that a number it is just sending no longer fits. RFC 5465 section 6.1. */
  get #mayExpunge(): boolean {
    return this.#context.feed?.selected?.delayed === false
  }

  #speak(line: Chunk): void {
    this.#mouth.write(line).catch(() => {})
    this.#mouth.flush()
  }
}

/**
 * Works on items ahead of the consumer: at most `width` are being worked on or wait to be taken. Yields what is done, in
 * the order in which it gets done, as batches. The first failure ends it; so does leaving the loop. `work` gets a
 * signal that is aborted then.
 */
export async function* workAhead<Item, Result>(
  items: Iterable<Item>,
  width: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result | undefined>,
): AsyncGenerator<Result[]> {
  const stop = new AbortController()
  const desk = new Desk(items, width, AbortSignal.any([signal, stop.signal]), work)
  try {
    for (;;) {
      signal.throwIfAborted()
      const batch = await desk.take()
      if (batch === undefined) return
      yield batch
    }
  } finally {
    stop.abort(new Error('The reader left'))
  }
}

class Desk<Item, Result> {
  readonly #items: Iterator<Item>
  readonly #width: number
  readonly #signal: AbortSignal
  readonly #work: (item: Item, signal: AbortSignal) => Promise<Result | undefined>
  #done: Result[] = []
  #busy = 0
  #isExhausted = false
  #failure: { readonly reason: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(
    items: Iterable<Item>,
    width: number,
    signal: AbortSignal,
    work: (item: Item, signal: AbortSignal) => Promise<Result | undefined>,
  ) {
    this.#items = items[Symbol.iterator]()
    this.#width = width
    this.#signal = signal
    this.#work = work
  }

  /** What is done, at least one; undefined when there is no more. */
  async take(): Promise<Result[] | undefined> {
    for (;;) {
      this.#start()
      if (this.#done.length > 0) {
        const batch = this.#done
        this.#done = []
        // Taken: the next ones run while the consumer is at work on these.
        this.#start()
        return batch
      }
      if (this.#failure !== undefined) throw this.#failure.reason
      if (this.#busy === 0 && this.#isExhausted) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #start(): void {
    while (
      !this.#isExhausted &&
      this.#failure === undefined &&
      this.#busy + this.#done.length < this.#width
    ) {
      const next = this.#items.next()
      if (next.done === true) this.#isExhausted = true
      else void this.#run(next.value)
    }
  }

  async #run(item: Item): Promise<void> {
    this.#busy++
    try {
      const result = await this.#work(item, this.#signal)
      if (result !== undefined) this.#done.push(result)
    } catch (error) {
      this.#failure ??= { reason: error }
    } finally {
      this.#busy--
      this.#wake?.()
    }
  }
}

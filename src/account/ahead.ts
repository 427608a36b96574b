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
  const both = AbortSignal.any([signal, stop.signal])
  const iterator = items[Symbol.iterator]()
  let done: Result[] = []
  let failure: { readonly reason: unknown } | undefined
  let busy = 0
  let isExhausted = false
  let wake = () => {}

  const start = () => {
    while (!isExhausted && failure === undefined && busy + done.length < width) {
      const next = iterator.next()
      if (next.done === true) {
        isExhausted = true
        return
      }
      busy++
      work(next.value, both).then(
        (result) => {
          busy--
          if (result !== undefined) done.push(result)
          wake()
        },
        (reason: unknown) => {
          busy--
          failure ??= { reason }
          wake()
        },
      )
    }
  }

  try {
    for (;;) {
      signal.throwIfAborted()
      start()
      if (done.length > 0) {
        const batch = done
        done = []
        // Taken: the next ones may start while the consumer is at work on these.
        start()
        yield batch
      } else if (failure !== undefined) throw failure.reason
      else if (busy === 0 && isExhausted) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    stop.abort(new Error('The reader left'))
  }
}

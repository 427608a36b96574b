/** Asynchronous steps that something already there may take to arrive. */
const patience = 10

/**
 * The items of a source, and undefined whenever the next one is not there yet: the moment to send what is written.
 * Ends the source when it is ended itself.
 */
export async function* withPauses<T extends object>(
  source: AsyncIterable<T>,
): AsyncGenerator<T | undefined, void, void> {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = iterator.next()
      if (!(await isThere(next))) yield undefined
      const { done, value } = await next
      if (done === true) {
        ended = true
        return
      }
      yield value
    }
  } catch (error) {
    ended = true
    throw error
  } finally {
    if (!ended) await iterator.return?.()
  }
}

async function isThere(next: Promise<unknown>): Promise<boolean> {
  const state = { there: false }
  const arrived = () => {
    state.there = true
  }
  next.then(arrived, arrived)
  for (let i = 0; i < patience && !state.there; i++) await Promise.resolve()
  return state.there
}

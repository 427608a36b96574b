/**
 * Readers together, writers alone, in the order in which they came: what is read is never older than what was acknowledged
 * before it is handed over, as if all went through one connection.
 */
export class Turns {
  #lastWrite: Promise<unknown> = Promise.resolve()
  readonly #reads = new Set<Promise<unknown>>()

  read<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(work)
    const settled = quiet(turn)
    this.#reads.add(settled)
    void settled.then(() => this.#reads.delete(settled))
    return turn
  }

  write<T>(work: () => Promise<T>): Promise<T> {
    const turn = Promise.all([this.#lastWrite, ...this.#reads]).then(work)
    this.#reads.clear()
    this.#lastWrite = quiet(turn)
    return turn
  }
}

function quiet(turn: Promise<unknown>): Promise<unknown> {
  return turn.then(
    () => undefined,
    () => undefined,
  )
}

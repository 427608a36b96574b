/** Several reasons to wake up, one sleeper. What rings while nobody sleeps is not lost; the same reason twice counts once. */
export class Bell<Reason> {
  readonly #rung = new Set<Reason>()
  #wake: (() => void) | undefined

  ring(reason: Reason): void {
    this.#rung.add(reason)
    this.#wake?.()
  }

  /** The reasons that rang since the last call, as soon as there is one. */
  async heard(): Promise<ReadonlySet<Reason>> {
    if (this.#rung.size === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    const reasons = new Set(this.#rung)
    this.#rung.clear()
    return reasons
  }
}

/**
 * How long a client may say nothing. There is one timer, which is left alone while the client talks: it looks at its end
 * how long the silence is by then. To set a new one for each command would be a tenth of what a short one costs.
 */
export class Silence {
  readonly #onTooLong: () => void
  #limitMs: number | undefined
  #closed = false
  #sinceMs = 0
  #timer: NodeJS.Timeout | undefined
  #endsAtMs = 0

  constructor(onTooLong: () => void) {
    this.#onTooLong = onTooLong
  }

  /** From now on the client may be silent for so long; undefined for ever. */
  limit(ms: number | undefined): void {
    this.#limitMs = this.#closed ? undefined : ms
    if (ms === undefined || this.#closed) return
    this.#sinceMs = performance.now()
    if (this.#timer === undefined || this.#endsAtMs > this.#sinceMs + ms) this.#set(ms)
  }

  /** It said something. */
  heard(): void {
    if (this.#limitMs !== undefined) this.#sinceMs = performance.now()
  }

  /** Nobody listens any more, whatever limit is still set. */
  close(): void {
    this.#closed = true
    this.#limitMs = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #set(ms: number): void {
    clearTimeout(this.#timer)
    this.#endsAtMs = performance.now() + ms
    // The connection keeps the process alive, not the watch over it.
    this.#timer = setTimeout(() => this.#look(), Math.ceil(ms)).unref()
  }

  #look(): void {
    this.#timer = undefined
    if (this.#limitMs === undefined) return
    const leftMs = this.#sinceMs + this.#limitMs - performance.now()
    if (leftMs > 0) this.#set(leftMs)
    else this.#onTooLong()
  }
}

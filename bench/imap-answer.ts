/** What came back for one command. */
export interface Answer {
  /** OK, NO or BAD and what follows. */
  readonly status: string
  /** Untagged lines. */
  readonly untagged: number
  readonly bytes: number
  /** Milliseconds to the first octet, to the tagged line, and the longest pause between two chunks. */
  readonly firstMs: number
  readonly totalMs: number
  readonly longestPauseMs: number
  /** The untagged lines without their literals, when they were asked for. */
  readonly lines: readonly string[]
}

/** An answer as it comes in. */
export class Gathering {
  readonly tag: string
  readonly answer: Promise<Answer>
  readonly #ends = Promise.withResolvers<Answer>()
  /** Whether the untagged lines are wanted, and not only how many there are. */
  readonly keeps: boolean
  readonly #startedAt = performance.now()
  readonly #lines: string[] = []
  #untagged = 0
  #bytes = 0
  #firstMs = 0
  #lastAt = this.#startedAt
  #longestPauseMs = 0

  constructor(tag: string, keep: boolean) {
    this.tag = tag
    this.keeps = keep
    this.answer = this.#ends.promise
  }

  arrived(bytes: number): void {
    const now = performance.now()
    this.#bytes += bytes
    this.#longestPauseMs = Math.max(this.#longestPauseMs, now - this.#lastAt)
    this.#lastAt = now
    if (this.#firstMs === 0) this.#firstMs = now - this.#startedAt
  }

  /** An untagged line, when they are not kept. */
  counted(): void {
    this.#untagged++
  }

  /** Whether it was the last one. */
  line(text: string): boolean {
    if (!text.startsWith(`${this.tag} `)) {
      this.#untagged++
      if (this.keeps) this.#lines.push(text)
      return false
    }
    this.#ends.resolve({
      status: text.slice(this.tag.length + 1),
      untagged: this.#untagged,
      bytes: this.#bytes,
      firstMs: this.#firstMs,
      totalMs: performance.now() - this.#startedAt,
      longestPauseMs: this.#longestPauseMs,
      lines: this.#lines,
    })
    return true
  }

  fail(error: Error): void {
    this.#ends.reject(error)
  }
}

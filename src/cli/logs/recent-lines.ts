const mostChars = 1024 * 1024
const mostLineChars = 4096

/** The last lines of the log, as JSON, in bounded memory: what a bundle for a bug report is made of. */
class RecentLines {
  #lines: string[] = []
  #chars = 0

  /** pino's stream: one line a call. */
  write(line: string): void {
    const kept = line.length > mostLineChars ? `${line.slice(0, mostLineChars)}…` : line.trimEnd()
    this.#lines.push(kept)
    this.#chars += kept.length
    if (this.#chars <= mostChars) return
    // Half at once, so that a full book does not move at every line.
    const half = this.#lines.length >> 1
    for (const dropped of this.#lines.slice(0, half)) this.#chars -= dropped.length
    this.#lines = this.#lines.slice(half)
  }

  lines(): readonly string[] {
    return this.#lines
  }
}

/** Of this process. */
export const recentLines = new RecentLines()

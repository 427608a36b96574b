const everyMs = 200

/** How far something is, on standard error: one line that changes at a terminal, a line now and then elsewhere. */
export function createProgress(what: string): { show(done: number, total: number): void; end(): void } {
  const { stderr } = process
  let shownAt = 0
  let shown = false
  return {
    show(done, total) {
      const now = performance.now()
      const last = done >= total
      if (now - shownAt < (stderr.isTTY ? everyMs : 5000) && !(last && shown)) return
      shownAt = now
      shown = true
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
      const text = `${what}: ${done} of ${total} (${percent}%)`
      stderr.write(stderr.isTTY ? `\r${text}\u001b[K` : `${text}\n`)
    },
    end() {
      if (shown && stderr.isTTY) stderr.write('\r\u001b[K')
    },
  }
}

const shownLength = 300
const shownLines = 12

/** What was said so far, to be shown when something is not as it was written down. */
export class Conversation {
  readonly #lines: string[] = []
  readonly #onLine: ((line: string) => void) | undefined

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine
  }

  note(who: string, octets: string): void {
    const line = `${who}: ${readable(octets)}`
    this.#lines.push(line)
    this.#onLine?.(line)
  }

  get end(): string {
    return this.#lines.slice(-shownLines).join('\n')
  }
}

/** Octets as a person reads them: UTF-8 where it is, everything else escaped; long ones cut. */
export function readable(octets: string): string {
  const cut =
    octets.length > shownLength ? `${octets.slice(0, shownLength)} … (${octets.length} octets)` : octets
  const decoded = Buffer.from(cut, 'latin1').toString('utf8')
  return (decoded.includes('\ufffd') ? cut : decoded)
    .replaceAll('\r\n', '\n   | ')
    .replaceAll(/[\x00-\x09\x0b-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

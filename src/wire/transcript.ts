const shownLength = 200

/** What clients put before their commands, so that answers can be told apart: `A142`, `b`, `17`. */
const tag = /^[A-Za-z]{0,2}\d{0,6}$/
const harmless = /^[\d:,*.+~-]+$/

/**
 * A client's line as a log may hold it: numbers, punctuation, and words that are `known` in capitals; of everything else,
 * strings above all, there is only `…`, a literal's octets are left out, the rest is cut. Of a line whose arguments are
 * secret only the first `words` are looked at. It is only made when a log line is really written. What a log does to hide
 * secrets copies objects property by property, so this has one that needs nothing else.
 */
export class RedactedLine {
  readonly toJSON: () => string

  constructor(bytes: Buffer, known: ReadonlySet<string>, words?: number) {
    this.toJSON = () => {
      const line = bytes.toString('latin1', 0, 8 * shownLength).split(/\r?\n/, 1)[0] as string
      if (words === undefined) return redacted(line, known)
      return `${redacted(line.split(' ').slice(0, words).join(' '), known)} …`
    }
  }
}

function redacted(line: string, known: ReadonlySet<string>): string {
  const text = line
    .replaceAll(/"(?:[^"\\]|\\.)*"?/g, '"…"')
    .replaceAll(/[^\s()<>[\]{}"…]+/g, (word, at: number) =>
      harmless.test(word) || known.has(word.toUpperCase()) || (at === 0 && tag.test(word)) ? word : '…',
    )
    .replaceAll(/[^\x20-\x7e…]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`)
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text
}

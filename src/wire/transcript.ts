const shownLength = 200

/**
 * A client's line as a log may hold it: strings are shown as `"…"`, a literal's octets are left out, control characters
 * escaped, the rest cut. It is only made when a log line is really written. What a log does to hide secrets copies objects
 * property by property, so this has one that needs nothing else.
 */
export class RedactedLine {
  readonly toJSON: () => string

  constructor(bytes: Buffer) {
    this.toJSON = () => redacted(bytes)
  }
}

function redacted(bytes: Buffer): string {
  const firstLine = bytes.toString('latin1', 0, 8 * shownLength).split(/\r?\n/, 1)[0] as string
  const text = firstLine
    .replaceAll(/"(?:[^"\\]|\\.)*"?/g, '"…"')
    .replaceAll(/[^\x20-\x7e…]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`)
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text
}

/** Only the first words of a line whose arguments are secret: LOGIN, AUTHENTICATE, PASS. */
export function withoutArguments(bytes: Buffer, words: number): Buffer {
  const shown = bytes.toString('latin1', 0, shownLength).split(' ').slice(0, words).join(' ')
  return Buffer.from(`${shown} [secret]`, 'latin1')
}

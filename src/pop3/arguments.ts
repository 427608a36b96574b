/** The client says it wrong. The text is ours and goes to the client. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Counts of messages and lines are below this; more digits are no number that means anything here. */
const maxDigits = 10

/** What follows a command's name. Read in order, then `end`. */
export class Arguments {
  #rest: string | undefined
  readonly #bytes: Buffer

  /** `bytes` begins after the name: with a space, or there is nothing. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
    // Some clients put a space behind the last word.
    const text = bytes.toString('latin1').replace(/^ /, '')
    this.#rest = text.trimEnd() === '' ? undefined : text
  }

  /** Whether anything is left. */
  get given(): boolean {
    return this.#rest !== undefined
  }

  /** Everything after the one space, spaces too: a password may hold them. RFC 1939 section 7, PASS. Strictly UTF-8. */
  everything(what: string): string {
    this.#rest = undefined
    const bytes = this.#bytes.subarray(1)
    if (bytes.length === 0) throw new ProtocolError(`${what} is needed`)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new ProtocolError(`${what} must be UTF-8 text`)
    }
  }

  /** The next word. */
  word(what: string): string {
    const [word = '', ...others] = (this.#rest ?? '').trimStart().split(' ')
    if (word === '') throw new ProtocolError(`${what} is needed`)
    const rest = others.join(' ')
    this.#rest = rest.trim() === '' ? undefined : rest
    return word
  }

  /** A number from 0. */
  count(what: string): number {
    const word = this.word(what)
    if (!/^[0-9]+$/.test(word) || word.length > maxDigits)
      throw new ProtocolError(`${what} must be a number of at most ${maxDigits} digits`)
    return Number(word)
  }

  /** The number of a message; whether there is one is for the maildrop to say. */
  message(): number {
    return this.count('A message number')
  }

  /** A message number, and nothing else. */
  onlyMessage(): number {
    const number = this.message()
    this.end()
    return number
  }

  end(): void {
    if (this.#rest !== undefined) throw new ProtocolError('There are more arguments than this command has')
  }
}

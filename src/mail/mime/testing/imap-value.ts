/** What IMAP says between parentheses: a string, a number or other atom, NIL or a list. */
export type ImapValue = string | Atom | null | readonly ImapValue[]

/** An atom or number, told apart from a string. */
export interface Atom {
  readonly atom: string
}

/**
 * Reads IMAP text (one character per octet) strictly, so that what we write is read by somebody else. RFC 9051 section 9.
 * Throws at the first octet that is not lawful.
 */
export class ImapReader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get ended(): boolean {
    return this.at === this.text.length
  }

  value(): ImapValue {
    const next = this.text[this.at]
    if (next === '(') return this.#list()
    if (next === '"') return this.#quoted()
    if (next === '{') return this.#literal()
    const atom = /[^\x00-\x20(){"\\\x7f-\xff[]+(?:\[[^\]]*\](?:<\d+>)?)?/y
    atom.lastIndex = this.at
    const found = atom.exec(this.text)
    if (found === null) this.#fail('no value')
    this.at = atom.lastIndex
    return found[0] === 'NIL' ? null : { atom: found[0] }
  }

  expect(text: string): void {
    if (!this.text.startsWith(text, this.at)) this.#fail(`no ${JSON.stringify(text)}`)
    this.at += text.length
  }

  #list(): ImapValue[] {
    const values: ImapValue[] = []
    this.expect('(')
    while (this.text[this.at] !== ')') {
      // body-type-mpart and env-from have lists side by side without a space; nothing else may.
      const previous = values.at(-1)
      if (previous !== undefined && !(Array.isArray(previous) && this.text[this.at] === '(')) this.expect(' ')
      values.push(this.value())
    }
    this.expect(')')
    return values
  }

  #quoted(): string {
    let value = ''
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      if (this.text[this.at] === '\\') {
        this.at++
        if (this.text[this.at] !== '"' && this.text[this.at] !== '\\') this.#fail('an escape of nothing')
      }
      const character = this.text[this.at] ?? this.#fail('the end in a quoted string')
      if (/[\r\n\0\x80-\xff]/.test(character)) this.#fail('an octet that no quoted string may hold')
      value += character
    }
    this.at++
    return value
  }

  #literal(): string {
    const head = /\{(\d{1,10})\}\r\n/y
    head.lastIndex = this.at
    const found = head.exec(this.text)
    if (found === null) this.#fail('no literal')
    const end = head.lastIndex + Number(found[1])
    const value = this.text.slice(head.lastIndex, end)
    if (end > this.text.length) this.#fail('a literal longer than the text')
    if (value.includes('\0')) this.#fail('NUL in a literal')
    this.at = end
    return value
  }

  #fail(what: string): never {
    throw new SyntaxError(`${what} at ${this.at}: ${JSON.stringify(this.text.slice(this.at, this.at + 60))}`)
  }
}

/** Reads text that is one value and nothing else. */
export function readImapValue(text: string): ImapValue {
  const reader = new ImapReader(text)
  const value = reader.value()
  if (!reader.ended)
    throw new SyntaxError(`More after the value: ${JSON.stringify(text.slice(reader.at, reader.at + 60))}`)
  return value
}

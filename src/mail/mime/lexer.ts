/**
 * Reads structured header fields (RFC 5322 section 3.2, RFC 2045 section 5.1) in one pass. Text has one character per
 * octet, unfolded. What does not end (comment, quoted string) ends with the field; nothing is looked at twice.
 */
export class Lexer {
  readonly text: string
  at = 0
  /** The last comment passed over, without its outer parentheses and escapes. */
  comment: string | undefined

  constructor(text: string) {
    this.text = text
  }

  get ended(): boolean {
    return this.at >= this.text.length
  }

  /** The next character, '' at the end. */
  peek(): string {
    return this.text.charAt(this.at)
  }

  skip(character: string): boolean {
    if (this.text.charAt(this.at) !== character) return false
    this.at++
    return true
  }

  /** Passes over white space and comments; tells whether there were any. */
  gap(): boolean {
    const start = this.at
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a) this.at++
      else if (code === 0x28) this.comment = this.#comment()
      else return this.at > start
    }
  }

  /** Everything up to one of `stops`, which must be ASCII. */
  until(stops: Uint8Array): string {
    const start = this.at
    while (this.at < this.text.length && stops[this.text.charCodeAt(this.at) & 0xff] !== 1) this.at++
    return this.text.slice(start, this.at)
  }

  /** A quoted string's content, escapes removed. The next character must be the opening quote. */
  quoted(): string {
    this.at++
    return this.#escaped('"')
  }

  /** Content up to a closing character. */
  #escaped(close: '"'): string {
    let value = ''
    let start = this.at
    for (;;) {
      const character = this.text.charAt(this.at)
      if (character === '' || character === close) {
        value += this.text.slice(start, this.at)
        this.at++
        return value
      }
      if (character === '\\' && this.at + 1 < this.text.length) {
        value += this.text.slice(start, this.at)
        this.at++
        start = this.at
      }
      this.at++
    }
  }

  /** Nested comments are counted, not recursed into. RFC 5322 section 3.2.2. */
  #comment(): string {
    let depth = 1
    let value = ''
    this.at++
    let start = this.at
    for (;;) {
      const character = this.text.charAt(this.at)
      if (character === '(') depth++
      else if (character === ')') depth--
      if (character === '' || depth === 0) {
        value += this.text.slice(start, this.at)
        this.at++
        return value.trim()
      }
      if (character === '\\' && this.at + 1 < this.text.length) {
        value += this.text.slice(start, this.at)
        this.at++
        start = this.at
      }
      this.at++
    }
  }
}

/** A set of ASCII characters for `Lexer.until`. */
export function characters(set: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of set) table[character.charCodeAt(0)] = 1
  return table
}

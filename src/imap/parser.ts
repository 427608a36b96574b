import type { NumberRange, NumberSet } from '#mail/number-set.ts'

/** The client said it wrong; becomes BAD. The text is ours and safe on a status line. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  /** A response code, without brackets. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

const SP = 0x20
const CR = 0x0d
const LF = 0x0a
const DQUOTE = 0x22
const BACKSLASH = 0x5c
const LBRACE = 0x7b
const RBRACE = 0x7d
const RPAREN = 0x29
const PLUS = 0x2b
const MINUS = 0x2d
const STAR = 0x2a
const COLON = 0x3a
const COMMA = 0x2c
const DOLLAR = 0x24
const TILDE = 0x7e
const RBRACKET = 0x5d

const maxNumber = 0xffffffff

/** 1 for ATOM-CHAR. RFC 9051 section 9: any CHAR except "(" ")" "{" SP CTL "%" "*" DQUOTE "\" "]". */
const atomChars = table(
  (byte) => byte > 0x20 && byte < 0x7f && !'(){%*"\\]'.includes(String.fromCharCode(byte)),
)
/** ASTRING-CHAR = ATOM-CHAR / "]" */
const astringChars = table((byte) => atomChars[byte] === 1 || byte === RBRACKET)
/** list-char = ATOM-CHAR / "%" / "*" / "]" */
const listChars = table((byte) => astringChars[byte] === 1 || byte === 0x25 || byte === STAR)
const tagChars = table((byte) => astringChars[byte] === 1 && byte !== PLUS)

function table(test: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0))
}

/**
 * Reads one whole command, literals inline as they came (`{3}` CRLF abc, also `{3+}` and `~{3}`), without the final
 * CRLF. Sizes were limited by the connection already. Every method throws ProtocolError; `what` names the thing
 * wanted in the sentence the client gets. Grammar: RFC 9051 section 9.
 */
export class Parser {
  readonly #bytes: Buffer
  readonly #literals: ReadonlyMap<number, Buffer> | undefined
  #at = 0
  #depth = 0

  /** `literals`: those that are not inline, by the place where they would begin. */
  constructor(command: Buffer, literals?: ReadonlyMap<number, Buffer>) {
    this.#bytes = command
    this.#literals = literals
  }

  /** Octets not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at
  }

  /** The next octet without reading it, or -1 at the end. */
  peek(): number {
    return this.#bytes[this.#at] ?? -1
  }

  /** Whether the next octet is this ASCII character. */
  at(character: string): boolean {
    return this.peek() === character.charCodeAt(0)
  }

  fail(message: string): never {
    throw new ProtocolError(message)
  }

  /** One space; more are forgiven, as people and Apache James' own scripts write them. */
  space(): void {
    if (!this.optionalSpace())
      this.fail(this.rest === 0 ? 'Something is missing at the end' : 'A space is missing')
  }

  /** Reads a space, or several, if there is one. */
  optionalSpace(): boolean {
    const start = this.#at
    while (this.peek() === SP) this.#at++
    return this.#at > start
  }

  /** Nothing may follow. Trailing spaces are forgiven, as real clients send them. */
  end(): void {
    this.optionalSpace()
    if (this.rest !== 0) this.fail('There is more than the command takes')
  }

  /** Reads this ASCII text, in any letter case, if it comes next. */
  skip(text: string): boolean {
    if (this.rest < text.length) return false
    for (let i = 0; i < text.length; i++)
      if (lower(this.#bytes[this.#at + i] as number) !== lower(text.charCodeAt(i))) return false
    this.#at += text.length
    return true
  }

  /** Reads this ASCII text, in any letter case. */
  expect(text: string): void {
    if (!this.skip(text)) this.fail(`${text === '(' || text === ')' ? 'A parenthesis' : text} is missing`)
  }

  tag(): string {
    return this.#run(tagChars, 'A tag')
  }

  /** An atom in the client's own letter case. */
  atom(what = 'An atom'): string {
    return this.#run(atomChars, what)
  }

  /** A word of the grammar in upper case: letters, digits and `-.=&` that atoms may hold. */
  keyword(what = 'A word'): string {
    return this.#run(atomChars, what).toUpperCase()
  }

  /** A word up to `[`, `<` or any non-atom character, in upper case: FETCH items are `BODY[`, `BINARY.PEEK[`. */
  itemName(): string {
    const start = this.#at
    while (this.#at < this.#bytes.length) {
      const byte = this.#bytes[this.#at] as number
      if (atomChars[byte] !== 1 || byte === 0x5b || byte === 0x3c) break
      this.#at++
    }
    if (start === this.#at) this.fail('A data item is missing')
    return this.#bytes.toString('latin1', start, this.#at).toUpperCase()
  }

  /** A string or an atom-like word, as octets. */
  astring(what = 'A string'): Buffer {
    const next = this.peek()
    if (next === DQUOTE || next === LBRACE) return this.string(what)
    return Buffer.from(this.#run(astringChars, what), 'latin1')
  }

  /** A quoted string or literal, as octets. NUL is refused. */
  string(what = 'A string'): Buffer {
    const next = this.peek()
    if (next === DQUOTE) return this.#quoted()
    if (next === LBRACE) return this.literal()
    this.fail(`${what} is missing`)
  }

  nstring(what = 'A string'): Buffer | undefined {
    const next = this.peek()
    if (next !== DQUOTE && next !== LBRACE && this.skip('NIL')) return undefined
    return this.string(what)
  }

  /** A mailbox name's octets as the client sent them (modified UTF-7, or UTF-8 after ENABLE). */
  mailboxName(): Buffer {
    return this.astring('A mailbox name')
  }

  /** list-mailbox = 1*list-char / string. RFC 9051 section 9. */
  listPattern(): Buffer {
    const next = this.peek()
    if (next === DQUOTE || next === LBRACE) return this.string('A mailbox pattern')
    return Buffer.from(this.#run(listChars, 'A mailbox pattern'), 'latin1')
  }

  /** A literal; `{n}`, `{n+}` and `{n-}`. NUL is refused unless it is a literal8 (`~{n}`). */
  literal(): Buffer {
    const binary = this.peek() === TILDE
    const value = this.messageLiteral()
    if (!binary && value.includes(0)) this.fail('NUL cannot be used here')
    return value
  }

  /** The same as part of a message, which holds what it holds. */
  messageLiteral(): Buffer {
    if (this.peek() === TILDE) this.#at++
    if (this.peek() !== LBRACE) this.fail('A literal is missing')
    this.#at++
    const size = this.#digits('A literal size', Number.MAX_SAFE_INTEGER)
    if (this.peek() === PLUS || this.peek() === MINUS) this.#at++
    if (this.peek() !== RBRACE) this.fail('A literal size must end with }')
    this.#at++
    if (this.#bytes[this.#at] !== CR || this.#bytes[this.#at + 1] !== LF)
      this.fail('A literal size must end its line')
    this.#at += 2
    const apart = this.#literals?.get(this.#at)
    if (apart?.length === size) return apart
    if (this.rest < size) this.fail('A literal is cut short')
    const value = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    return value
  }

  /** 0 to `max` (2^32-1 unless told otherwise), digits only. */
  number(what = 'A number', max = maxNumber): number {
    return this.#digits(what, max)
  }

  /** 1 to 2^32-1. */
  nzNumber(what = 'A number'): number {
    const value = this.#digits(what, maxNumber)
    if (value === 0) this.fail(`${what} cannot be 0`)
    return value
  }

  /** mod-sequence-value or -valzer: 0 to 2^63-1; values above 2^53-1 read as 2^53-1, which no counter here reaches. RFC 7162 section 7. */
  modSeq(): number {
    const digits = this.#digitText('A mod-sequence')
    const value = BigInt(digits)
    if (value > 0x7fffffffffffffffn) this.fail('A mod-sequence must be below 2^63')
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
  }

  /** sequence-set; `$` is the last of it. RFC 9051 section 9. At most 20,000 elements. */
  numberSet(): NumberSet {
    const ranges: NumberRange[] = []
    do {
      if (this.#skipByte(DOLLAR)) return { ranges }
      const from = this.#setNumber()
      let to = from
      if (this.peek() === COLON) {
        this.#at++
        to = this.#setNumber()
      }
      ranges.push({ from, to })
      if (ranges.length > 20_000) this.fail('A set of more than 20000 elements')
    } while (this.#skipByte(COMMA))
    return ranges
  }

  /** `(` item SP item … `)`, possibly empty. Nesting is limited to 50. */
  list<T>(item: () => T): T[] {
    this.expect('(')
    return this.nested(() => {
      const items: T[] = []
      this.optionalSpace()
      if (this.peek() !== RPAREN) {
        do items.push(item())
        while (this.optionalSpace() && this.peek() !== RPAREN)
      }
      this.expect(')')
      return items
    })
  }

  /** Runs a recursive rule with the depth counted. */
  nested<T>(rule: () => T, max = 50): T {
    if (++this.#depth > max) this.fail('Nested too deeply')
    try {
      return rule()
    } finally {
      this.#depth--
    }
  }

  /** A flag: `\Seen` or a keyword, in the client's letter case. `\*` is refused. */
  flag(): string {
    if (this.peek() === BACKSLASH) {
      this.#at++
      return `\\${this.atom('A flag')}`
    }
    return this.atom('A flag')
  }

  /** The octets up to the end, for extensions that need them raw. */
  remaining(): Buffer {
    const rest = this.#bytes.subarray(this.#at)
    this.#at = this.#bytes.length
    return rest
  }

  #setNumber(): number {
    if (this.peek() === STAR) {
      this.#at++
      return Infinity
    }
    return this.nzNumber('A message number')
  }

  #skipByte(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.#at++
    return true
  }

  #run(chars: Uint8Array, what: string): string {
    const start = this.#at
    while (this.#at < this.#bytes.length && chars[this.#bytes[this.#at] as number] === 1) this.#at++
    if (start === this.#at) this.fail(`${what} is missing`)
    return this.#bytes.toString('latin1', start, this.#at)
  }

  #digitText(what: string): string {
    const start = this.#at
    while (this.#at < this.#bytes.length) {
      const byte = this.#bytes[this.#at] as number
      if (byte < 0x30 || byte > 0x39) break
      this.#at++
    }
    if (start === this.#at) this.fail(`${what} is missing`)
    if (this.#at - start > 20) this.fail(`${what} has too many digits`)
    return this.#bytes.toString('latin1', start, this.#at)
  }

  #digits(what: string, max: number): number {
    const value = Number(this.#digitText(what))
    if (value > max) this.fail(`${what} is too large`)
    return value
  }

  #quoted(): Buffer {
    const out: number[] = []
    this.#at++
    for (;;) {
      const byte = this.peek()
      if (byte === -1 || byte === CR || byte === LF) this.fail('A quoted string does not end')
      if (byte === 0) this.fail('NUL cannot be used here')
      this.#at++
      if (byte === DQUOTE) return Buffer.from(out)
      if (byte !== BACKSLASH) {
        out.push(byte)
        continue
      }
      const escaped = this.peek()
      if (escaped !== DQUOTE && escaped !== BACKSLASH)
        this.fail('Only " and \\ may follow \\ in a quoted string')
      this.#at++
      out.push(escaped)
    }
  }
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}

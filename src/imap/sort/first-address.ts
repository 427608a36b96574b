/** An address of an ENVELOPE: raw text, one character per octet. The group marks of RFC 9051 section 7.5.2 have no host. */
export interface EnvelopeAddress {
  readonly name: string | undefined
  readonly mailbox: string | undefined
  readonly host: string | undefined
}

/** Where the address lists stand among the ten parts of an ENVELOPE. */
const places = { from: 2, to: 5, cc: 6 } as const

/** The first address of a field, from a ready-made ENVELOPE; undefined when the field names nobody. */
export function firstAddress(envelope: string, field: keyof typeof places): EnvelopeAddress | undefined {
  const reader = new EnvelopeReader(envelope)
  reader.skipParts(places[field])
  return reader.address()
}

/** Reads the IMAP text that mail/mime/envelope.ts writes: strings, literals, NIL, lists of addresses. */
class EnvelopeReader {
  readonly #text: string
  /** After the opening parenthesis. */
  #at = 1

  constructor(text: string) {
    this.#text = text
  }

  skipParts(count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#text[this.#at] === '(') this.#skipList()
      else this.#nstring()
      // The space between two parts.
      this.#at++
    }
  }

  address(): EnvelopeAddress | undefined {
    if (!this.#text.startsWith('((', this.#at)) return undefined
    this.#at += 2
    const name = this.#nstring()
    this.#at++
    this.#nstring()
    this.#at++
    const mailbox = this.#nstring()
    this.#at++
    return { name, mailbox, host: this.#nstring() }
  }

  #skipList(): void {
    let depth = 0
    do {
      const next = this.#text[this.#at]
      if (next === '(') depth++
      else if (next === ')') depth--
      else if (next !== ' ') {
        this.#nstring()
        continue
      }
      this.#at++
    } while (depth > 0 && this.#at < this.#text.length)
  }

  #nstring(): string | undefined {
    const text = this.#text
    switch (text[this.#at]) {
      case '"': {
        const start = this.#at + 1
        let end = start
        while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
        this.#at = end + 1
        return text.slice(start, end).replaceAll(/\\(.)/g, '$1')
      }
      case '{': {
        const brace = text.indexOf('}', this.#at)
        const start = brace + 3
        const end = start + Number(text.slice(this.#at + 1, brace))
        this.#at = end
        return text.slice(start, end)
      }
      default:
        // NIL
        this.#at += 3
        return undefined
    }
  }
}

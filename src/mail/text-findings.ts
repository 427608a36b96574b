import type { MessageKey } from './ids.ts'

/** What a text costs beside its octets: objects, a map entry. */
const overheadBytes = 400

/** Where a text was looked for. RFC 9051 section 6.4.4. */
export type TextPlace = 'body' | 'text'

/** What searches found out about one text, message by message. A message never changes, so it stays true. */
export interface TextFinding {
  /** Whether the message has the text; undefined when nobody looked, or it was forgotten. */
  of(key: MessageKey): boolean | undefined
  note(key: MessageKey, has: boolean): void
}

/**
 * What was found out about the texts that one account looked for last: who asks again, or asks for a part of the same, is
 * told without a message read. In memory only, since the texts and what has them are content. Two bits a message.
 */
export class TextFindings {
  readonly #maxBytes: number
  readonly #grown: () => void
  /** What was asked for last comes last. */
  readonly #findings = new Map<string, Bits>()
  #bytes = 0
  #drops = 0

  /** 0 for none. `grown` is told whenever it takes more memory, and may call `clear`. */
  constructor(maxBytes: number, grown: () => void = () => {}) {
    this.#maxBytes = maxBytes
    this.#grown = grown
  }

  /** About what they take. */
  get bytes(): number {
    return this.#bytes
  }

  /** For one search: what it notes after a message ceased to exist is not kept. The text comes folded. */
  of(place: TextPlace, folded: string): TextFinding {
    const name = `${place} ${folded}`
    const bits = this.#findings.get(name) ?? new Bits(overheadBytes + 2 * name.length)
    if (this.#findings.delete(name)) this.#findings.set(name, bits)
    else this.#add(name, bits)
    const drops = this.#drops
    return {
      of: (key) => bits.of(key),
      note: (key, has) => {
        if (drops === this.#drops && this.#findings.get(name) === bits && this.#makeRoom(bits, key))
          bits.note(key, has)
      },
    }
  }

  /** Messages that ceased to exist. */
  drop(keys: readonly MessageKey[]): void {
    this.#drops++
    for (const bits of this.#findings.values()) for (const key of keys) bits.forget(key)
  }

  clear(): void {
    this.#findings.clear()
    this.#bytes = 0
  }

  #add(name: string, bits: Bits): void {
    if (bits.bytes > this.#maxBytes) return
    this.#findings.set(name, bits)
    this.#bytes += bits.bytes
    this.#forgetOthers(bits)
    this.#grown()
  }

  /** False where the message has no room, however much is forgotten. */
  #makeRoom(bits: Bits, key: MessageKey): boolean {
    const more = bits.missing(key)
    if (more === 0) return true
    if (bits.bytes + more > this.#maxBytes) return false
    bits.grow(more)
    this.#bytes += more
    this.#forgetOthers(bits)
    this.#grown()
    return true
  }

  #forgetOthers(kept: Bits): void {
    for (const [name, bits] of this.#findings) {
      if (this.#bytes <= this.#maxBytes) return
      if (bits === kept) continue
      this.#findings.delete(name)
      this.#bytes -= bits.bytes
    }
  }
}

/** Two bits for each message, by its key: whether it is known, and what. Keys are given one after the other. */
class Bits {
  readonly #ownBytes: number
  #bits = new Uint8Array()

  constructor(ownBytes: number) {
    this.#ownBytes = ownBytes
  }

  get bytes(): number {
    return this.#ownBytes + this.#bits.length
  }

  of(key: MessageKey): boolean | undefined {
    const two = ((this.#bits[key >>> 2] ?? 0) >>> (2 * (key & 3))) & 3
    return two === 0 ? undefined : two === 3
  }

  /** There must be room. */
  note(key: MessageKey, has: boolean): void {
    const at = key >>> 2
    this.#bits[at] = (this.#bits[at] as number) | ((has ? 3 : 2) << (2 * (key & 3)))
  }

  forget(key: MessageKey): void {
    const at = key >>> 2
    if (at < this.#bits.length) this.#bits[at] = (this.#bits[at] as number) & ~(3 << (2 * (key & 3)))
  }

  /** Octets that must be added for the message; more than it needs, so that it is not done for each. */
  missing(key: MessageKey): number {
    const { length } = this.#bits
    const at = key >>> 2
    return at < length ? 0 : Math.max(at + 1 + (at >>> 3), 64) - length
  }

  grow(more: number): void {
    const larger = new Uint8Array(this.#bits.length + more)
    larger.set(this.#bits)
    this.#bits = larger
  }
}

/** Code units of a gram: four are found in few texts by chance; three would be in nearly all that are long. */
export const gramLength = 4
/** What stands around one space: so many code units before it and after it. */
const beforeSpace = 4
const afterSpace = 5
/** Words up to here are short: beside them stand others, as in "to be in". */
const shortWord = 4
/** Around longer ones there are no rows. */
const longestWord = 15
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
/** Of the hashes of all versions: texts in stores were hashed with it. */
export const base = 0x9e3779b1
/** Of `base`, for each length that is hashed. */
const powers = Int32Array.from({ length: longestWord + 11 }, (_, exponent) => power(exponent))
/** Sums of a text, used again and again: new memory of this size costs as much as a fifth of the work. */
const room = new Int32Array(128 * 1024)

/**
 * Sets the bits of a text: for its grams, and for rows, which tell words that follow each other from the same words apart. A
 * row is what stands around one space, or around the word between two. Whatever is looked for has the same marks where it
 * stands in a text, since a mark depends on nothing outside of what it is of. None reaches over a line break, as no text with
 * one is asked for. Linear. `bits` is as long as a power of two.
 */
export function markText(bits: Uint8Array, text: string): void {
  new Marker(bits, text).mark()
}

class Marker {
  readonly #bits: Uint8Array
  readonly #last: number
  readonly #text: string
  /** The hash of all code units before each place; of what stands between two places it is got by one subtraction. */
  readonly #sums: Int32Array
  /** The spaces of a line. */
  readonly #spaces: number[] = []

  constructor(bits: Uint8Array, text: string) {
    this.#bits = bits
    this.#last = bits.length * 8 - 1
    this.#text = text
    this.#sums = text.length < room.length ? room : new Int32Array(text.length + 1)
  }

  mark(): void {
    for (let from = 0; from < this.#text.length;) from = this.#markLine(from) + 1
  }

  /** Gives its end. */
  #markLine(from: number): number {
    const text = this.#text
    const sums = this.#sums
    const spaces = this.#spaces
    let count = 0
    let sum = 0
    sums[from] = 0
    let at = from
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === LF || unit === CR) break
      sum = (Math.imul(sum, base) + unit) | 0
      sums[at + 1] = sum
      if (at - from >= gramLength - 1) this.#set(at + 1 - gramLength, at + 1)
      if (unit === SP) spaces[count++] = at
    }
    for (let index = 0; index < count; index++) this.#markSpace(index, from, at)
    return at
  }

  /** The rows of one space of a line, and of the word before it. */
  #markSpace(index: number, from: number, to: number): void {
    const space = this.#spaces[index] as number
    const after = to - space - 1
    if (space - from >= beforeSpace && after >= afterSpace)
      this.#set(space - beforeSpace, space + afterSpace + 1)
    if (index === 0) return
    const last = this.#spaces[index - 1] as number
    const before = last - from
    const word = space - last - 1
    if (word > longestWord) return
    const least = word <= shortWord ? 2 : 3
    if (before < least || after < least - 1) return
    this.#set(last - least, space + least)
    if (after >= least) this.#set(last - least, space + least + 1)
    if (word > shortWord && before >= 4 && after >= 4) this.#set(last - 4, space + 5)
  }

  /** The bit of what stands between two places. */
  #set(from: number, to: number): void {
    const sums = this.#sums
    const sum = (sums[to] as number) - Math.imul(sums[from] as number, powers[to - from] as number)
    const bit = mixed(sum) & this.#last
    this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] as number) | (1 << (bit & 7))
  }
}

export function mixed(sum: number): number {
  const once = Math.imul(sum ^ (sum >>> 15), 0x85ebca6b)
  return (once ^ (once >>> 13)) >>> 0
}

/** Of `base`. */
export function power(exponent: number): number {
  let product = 1
  for (let i = 0; i < exponent; i++) product = Math.imul(product, base)
  return product
}

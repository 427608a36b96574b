/**
 * Flags and keywords. A message's flags are one small integer: an index into the account's FlagTable, so that
 * ten thousand FLAGS answers are ten thousand array reads and no string is built twice.
 */

/** Bits of the flags that are stored as such; everything else is a keyword by name. RFC 9051 section 2.3.2. */
export const FlagBit = {
  seen: 1,
  flagged: 2,
  draft: 4,
  answered: 8,
  deleted: 16,
  important: 32,
  forwarded: 64,
  mdnSent: 128,
  /** \Draft that a client set; `draft` is Gmail's own, which no client can set or clear. */
  draftMark: 256,
} as const
export type FlagBit = (typeof FlagBit)[keyof typeof FlagBit]

/** Wire names in the order in which they are shown, each with its bits: any of them shows it. */
export const flagNames: readonly (readonly [bits: number, string])[] = [
  [FlagBit.answered, '\\Answered'],
  [FlagBit.flagged, '\\Flagged'],
  [FlagBit.deleted, '\\Deleted'],
  [FlagBit.seen, '\\Seen'],
  [FlagBit.draft | FlagBit.draftMark, '\\Draft'],
  [FlagBit.important, '$Important'],
  [FlagBit.forwarded, '$Forwarded'],
  [FlagBit.mdnSent, '$MDNSent'],
]

const bitsByLowerName = new Map(flagNames.map(([bits, name]) => [name.toLowerCase(), bits]))

/** The bits that show a flag or well-known keyword, whatever its letter case; undefined for a free keyword. */
export function flagBits(name: string): number | undefined {
  return bitsByLowerName.get(name.toLowerCase())
}

/** The bit that a client sets by it. */
export function flagBit(name: string): FlagBit | undefined {
  const bits = flagBits(name)
  return bits === undefined ? undefined : ((bits & ~FlagBit.draft) as FlagBit)
}

/** One combination of flags. Equal combinations of one table are the same object and have the same index. */
export interface FlagSet {
  readonly index: number
  readonly bits: number
  /** Free keywords, sorted, without the ones that have a bit. */
  readonly keywords: readonly string[]
  /** As between the parentheses of FLAGS (…). */
  readonly text: string
}

/** All combinations of flags seen in one account. Grows by distinct combinations, not by messages. */
export class FlagTable {
  readonly #sets: FlagSet[] = []
  readonly #byName = new Map<string, FlagSet>()

  /** The index of this combination. Keywords are compared without regard to letter case; the first spelling stays. */
  intern(bits: number, keywords: readonly string[] = []): number {
    const sorted = keywords.length > 1 ? keywords.toSorted() : keywords
    const name = keywords.length === 0 ? String(bits) : `${bits} ${sorted.join(' ').toLowerCase()}`
    const known = this.#byName.get(name)
    if (known !== undefined) return known.index
    const words = flagNames.filter(([bit]) => (bits & bit) !== 0).map(([, word]) => word)
    const set: FlagSet = {
      index: this.#sets.length,
      bits,
      keywords: sorted,
      text: [...words, ...sorted].join(' '),
    }
    this.#sets.push(set)
    this.#byName.set(name, set)
    return set.index
  }

  /** Throws RangeError for an index that this table did not give. */
  get(index: number): FlagSet {
    const set = this.#sets[index]
    if (set === undefined)
      throw new RangeError(`Cannot find flag set ${index}: the table has ${this.#sets.length}`)
    return set
  }

  /** How many combinations there are; indexes run from 0 to size - 1. */
  get size(): number {
    return this.#sets.length
  }
}

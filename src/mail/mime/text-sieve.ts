import { foldForSearch } from './search-fold.ts'
import { searchableText } from './search-text.ts'
import { parseStructure } from './structure.ts'

/** Code units of a gram. Four are found in few texts by chance; three would be in nearly all that are long. */
const gramLength = 4
const mostBytes = 8192
const leastBytes = 64
/** A sieve is halved as long as no more than this share of its bits is set afterwards. */
const mostSet = 1 / 4
/** A longer text has too many grams for `mostBytes`; it is read instead. */
const longestText = 512 * 1024

/**
 * A Bloom filter with one hash over the grams of everything that SEARCH BODY and TEXT look in: tells which messages need
 * not be read for a search. It is made from the text, so it is content: sealed at rest. Undefined when the text is
 * too long. About an eighth of a text in octets. docs/decisions/0009-text-sieves.md
 */
export function sieveOf(message: Buffer): Buffer | undefined {
  // BODY looks in the same pieces, without the headers between them.
  const text = foldForSearch(searchableText(message, parseStructure(message)))
  if (text.length > longestText) return undefined
  let sieve = Buffer.alloc(mostBytes)
  let set = 0
  for (let at = 0; at + gramLength <= text.length; at++) {
    const bit = hash(text, at) & (mostBytes * 8 - 1)
    const mask = 1 << (bit & 7)
    const octet = sieve[bit >>> 3] as number
    if ((octet & mask) !== 0) continue
    sieve[bit >>> 3] = octet | mask
    set++
  }
  // Halving at most doubles the share.
  while (sieve.length > leastBytes && set <= (sieve.length / 2) * 8 * mostSet) {
    const half = sieve.length / 2
    const smaller = Buffer.alloc(half)
    set = 0
    for (let i = 0; i < half; i++) {
      const octet = (sieve[i] as number) | (sieve[half + i] as number)
      smaller[i] = octet
      set += bitsIn(octet)
    }
    sieve = smaller
  }
  return sieve
}

/** What to look for in sieves; undefined for a text that they cannot tell anything about. */
export function gramsOf(text: string): Uint32Array | undefined {
  const folded = foldForSearch(text)
  // Where pieces of a message meet, BODY and TEXT have different neighbours.
  if (folded.length < gramLength || /[\r\n]/.test(folded)) return undefined
  return Uint32Array.from({ length: folded.length - gramLength + 1 }, (_, at) => hash(folded, at))
}

/** False only when the message cannot have the text that the grams are of. */
export function mayHold(sieve: Uint8Array, grams: Uint32Array): boolean {
  const last = sieve.length * 8 - 1
  for (const gram of grams) {
    const bit = gram & last
    if (((sieve[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function hash(text: string, at: number): number {
  let mixed = text.charCodeAt(at)
  for (let i = 1; i < gramLength; i++) mixed = Math.imul(mixed, 0x9e3779b1) + text.charCodeAt(at + i)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

function bitsIn(octet: number): number {
  let count = 0
  for (let rest = octet; rest !== 0; rest &= rest - 1) count++
  return count
}

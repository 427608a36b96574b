import { foldForSearch } from './search-fold.ts'
import { searchableText } from './search-text.ts'
import { parseParts } from './structure.ts'

/** Code units of a gram: four are found in few texts by chance; three would be in nearly all that are long. */
const gramLength = 4
/**
 * Rows tell two words, and three, from the same words apart: so many code units before a space and after it. They are taken
 * at every space, so that whatever is looked for and is long enough has them. A row sets so many bits.
 */
const rows = [
  { before: 4, after: 5, bits: 1 },
  { before: 6, after: 10, bits: 2 },
] as const
const mostBytes = 8192
const leastBytes = 64
/** A sieve is halved as long as no more than this share of its bits is set afterwards. */
const mostSet = 1 / 4
/** A longer text has too many grams for `mostBytes`; it is read instead. */
const longestText = 512 * 1024
/**
 * First octet of a sieve. Version 2 has `oldRows` instead of rows. One without, whose length is a power of two, is of
 * version 1: grams only.
 */
const version = 3

/** What to look for in sieves. */
export interface Grams {
  readonly grams: Uint32Array
  readonly rows: Uint32Array
  readonly oldRows: Uint32Array
}

/**
 * A Bloom filter over the grams and rows of everything that SEARCH BODY and TEXT look in: tells which messages need
 * not be read for a search. It is made from the text, so it is content: sealed at rest. Undefined when the text is
 * too long. About a sixth of a text in octets. docs/decisions/0009-text-sieves.md
 */
export function sieveOf(message: Buffer): Buffer | undefined {
  // BODY looks in the same pieces, without the headers between them.
  const text = foldForSearch(searchableText(message, parseParts(message)))
  if (text.length > longestText) return undefined
  let bits = new Uint8Array(mostBytes)
  let set = setBits(bits, gramHashes(text, gramLength)) + setBits(bits, rowHashes(text))
  // Halving at most doubles the share.
  while (bits.length > leastBytes && set <= (bits.length / 2) * 8 * mostSet) {
    const half = bits.length / 2
    const smaller = new Uint8Array(half)
    set = 0
    for (let i = 0; i < half; i++) {
      const octet = (bits[i] as number) | (bits[half + i] as number)
      smaller[i] = octet
      set += bitsIn(octet)
    }
    bits = smaller
  }
  return Buffer.concat([Buffer.of(version), bits])
}

/** What to look for in sieves; undefined for a text that they cannot tell anything about. */
export function gramsOf(text: string): Grams | undefined {
  const folded = foldForSearch(text)
  // Where pieces of a message meet, BODY and TEXT have different neighbours.
  if (folded.length < gramLength || /[\r\n]/.test(folded)) return undefined
  return {
    grams: different(gramHashes(folded, gramLength)),
    rows: different(rowHashes(folded)),
    oldRows: different(oldRowHashes(folded)),
  }
}

/** False only when the message cannot have the text that the grams are of. */
export function mayHold(sieve: Uint8Array, wanted: Grams): boolean {
  const first = sieve.length & 1
  if (first === 1 && !hasAll(sieve, first, sieve[0] === 2 ? wanted.oldRows : wanted.rows)) return false
  return hasAll(sieve, first, wanted.grams)
}

/** `first` is where the bits begin. */
function hasAll(sieve: Uint8Array, first: number, hashes: Uint32Array): boolean {
  const last = (sieve.length - first) * 8 - 1
  // By index: this runs for every message of a mailbox.
  for (let i = 0; i < hashes.length; i++) {
    const bit = (hashes[i] as number) & last
    if (((sieve[first + (bit >>> 3)] as number) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function different(hashes: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set(hashes))
}

const base = 0x9e3779b1

/** The hashes of all grams, repeated as they are. Rolling, so linear. */
function gramHashes(text: string, length: number): Uint32Array {
  const hashes = new Uint32Array(Math.max(0, text.length - length + 1))
  const highest = power(length - 1)
  let sum = 0
  for (let at = 0; at < text.length; at++) {
    sum = (Math.imul(sum, base) + text.charCodeAt(at)) | 0
    if (at < length - 1) continue
    hashes[at - length + 1] = mixed(sum)
    sum = (sum - Math.imul(text.charCodeAt(at - length + 1), highest)) | 0
  }
  return hashes
}

/** The hashes of all rows, repeated as they are. */
function rowHashes(text: string): Uint32Array {
  const hashes: number[] = []
  for (const { before, after, bits } of rows) {
    const last = text.length - 1 - after
    for (let at = text.indexOf(' ', before); at !== -1 && at <= last; at = text.indexOf(' ', at + 1)) {
      let sum = 0
      for (let i = at - before; i <= at + after; i++) sum = (Math.imul(sum, base) + text.charCodeAt(i)) | 0
      for (let bit = 0; bit < bits; bit++) {
        sum = mixed(sum)
        hashes.push(sum)
      }
    }
  }
  return Uint32Array.from(hashes)
}

/** What version 2 has of rows: one of four grams of ten, chosen by its hash. */
function oldRowHashes(text: string): Uint32Array {
  return gramHashes(text, 10)
    .filter((hash) => hash % 4 === 0)
    .map((hash) => hash >>> 2)
}

/** How many were not set before. */
function setBits(bits: Uint8Array, hashes: Uint32Array): number {
  const last = bits.length * 8 - 1
  let set = 0
  for (let i = 0; i < hashes.length; i++) {
    const bit = (hashes[i] as number) & last
    const mask = 1 << (bit & 7)
    const octet = bits[bit >>> 3] as number
    if ((octet & mask) !== 0) continue
    bits[bit >>> 3] = octet | mask
    set++
  }
  return set
}

function mixed(sum: number): number {
  const once = Math.imul(sum ^ (sum >>> 15), 0x85ebca6b)
  return (once ^ (once >>> 13)) >>> 0
}

function power(exponent: number): number {
  let product = 1
  for (let i = 0; i < exponent; i++) product = Math.imul(product, base)
  return product
}

function bitsIn(octet: number): number {
  let count = 0
  for (let rest = octet; rest !== 0; rest &= rest - 1) count++
  return count
}

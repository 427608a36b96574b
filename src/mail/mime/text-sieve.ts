import { foldForSearch } from './search-fold.ts'
import { searchableText } from './search-text.ts'
import { parseParts } from './structure.ts'

/**
 * Code units of a short gram. Four are found in few texts by chance; three would be in nearly all that are long. Long ones
 * tell a row of words from the same words apart.
 */
const shortLength = 4
const longLength = 10
/** Of long grams one of so many counts, chosen by its hash: the same ones in a text and in what is looked for. */
const longSample = 4
const mostBytes = 8192
const leastBytes = 64
/** A sieve is halved as long as no more than this share of its bits is set afterwards. */
const mostSet = 1 / 4
/** A longer text has too many grams for `mostBytes`; it is read instead. */
const longestText = 512 * 1024
/** First octet of a sieve. One without, whose length is a power of two, is of version 1: short grams only. */
const version = 2

/** What to look for in sieves. */
export interface Grams {
  readonly short: Uint32Array
  readonly long: Uint32Array
}

/**
 * A Bloom filter with one hash over the grams of everything that SEARCH BODY and TEXT look in: tells which messages need
 * not be read for a search. It is made from the text, so it is content: sealed at rest. Undefined when the text is
 * too long. About a sixth of a text in octets. docs/decisions/0009-text-sieves.md
 */
export function sieveOf(message: Buffer): Buffer | undefined {
  // BODY looks in the same pieces, without the headers between them.
  const text = foldForSearch(searchableText(message, parseParts(message)))
  if (text.length > longestText) return undefined
  let bits = new Uint8Array(mostBytes)
  const { short, long } = hashesOf(text)
  let set = setBits(bits, short) + setBits(bits, long)
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
  if (folded.length < shortLength || /[\r\n]/.test(folded)) return undefined
  const { short, long } = hashesOf(folded)
  return { short: Uint32Array.from(new Set(short)), long: Uint32Array.from(new Set(long)) }
}

/** False only when the message cannot have the text that the grams are of. */
export function mayHold(sieve: Uint8Array, { short, long }: Grams): boolean {
  const first = sieve.length & 1
  if (first === 1 && !hasAll(sieve, first, long)) return false
  return hasAll(sieve, first, short)
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

const base = 0x9e3779b1
const shortPower = power(shortLength - 1)
const longPower = power(longLength - 1)

/** The hashes of all short grams and of the chosen long ones, repeated as they are. Rolling, so linear. */
function hashesOf(text: string): Grams {
  const short = new Uint32Array(Math.max(0, text.length - shortLength + 1))
  const long = new Uint32Array(Math.max(0, text.length - longLength + 1))
  let chosen = 0
  let shortSum = 0
  let longSum = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    shortSum = (Math.imul(shortSum, base) + unit) | 0
    longSum = (Math.imul(longSum, base) + unit) | 0
    if (at < shortLength - 1) continue
    short[at - shortLength + 1] = mixed(shortSum)
    shortSum = (shortSum - Math.imul(text.charCodeAt(at - shortLength + 1), shortPower)) | 0
    if (at < longLength - 1) continue
    const hash = mixed(longSum)
    longSum = (longSum - Math.imul(text.charCodeAt(at - longLength + 1), longPower)) | 0
    if (hash % longSample === 0) long[chosen++] = hash >>> 2
  }
  return { short, long: long.subarray(0, chosen) }
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

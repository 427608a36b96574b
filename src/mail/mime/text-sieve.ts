import { gramHashes, longGramHashes, spaceHashes } from './old-sieve-marks.ts'
import { foldForSearch } from './search-fold.ts'
import { searchableText } from './search-text.ts'
import { gramLength, markText } from './sieve-marks.ts'
import { parseParts } from './structure.ts'

const mostBytes = 8192
const leastBytes = 64
/** A sieve is halved as long as no more than this share of its bits is set afterwards. */
const mostSet = 0.27
/** A longer text has too many marks for `mostBytes`; it is read instead. */
const longestText = 512 * 1024
/** First octet of a sieve. One without, whose length is a power of two, is of version 1. */
const version = 4

/** How many bits are set in each octet. */
const bitsInOctet = Uint8Array.from(
  { length: 256 },
  (_, octet) => octet.toString(2).replaceAll('0', '').length,
)

/** What to look for in sieves, by their version: each knows something else of a text. */
export type Wanted = ReadonlyMap<number, Uint32Array>

/**
 * A Bloom filter over the marks of everything that SEARCH BODY and TEXT look in: tells which messages need not be read
 * for a search. It is made from the text, so it is content: sealed at rest. Undefined when the text is too long. About a
 * sixth of a text in octets. docs/decisions/0009-text-sieves.md
 */
export function sieveOf(message: Buffer): Buffer | undefined {
  // BODY looks in the same pieces, without the headers between them.
  const text = foldForSearch(searchableText(message, parseParts(message)))
  if (text.length > longestText) return undefined
  let bits = new Uint8Array(mostBytes)
  markText(bits, text)
  // Halving at most doubles the share.
  for (
    let set = bitsIn(bits);
    bits.length > leastBytes && set <= (bits.length / 2) * 8 * mostSet;
    set = bitsIn(bits)
  ) {
    const half = bits.length / 2
    const smaller = bits.slice(0, half)
    for (let i = 0; i < half; i++) smaller[i] = (smaller[i] as number) | (bits[half + i] as number)
    bits = smaller
  }
  return Buffer.concat([Buffer.of(version), bits])
}

/** What to look for in sieves; undefined for a text that they cannot tell anything about. */
export function wantedOf(text: string): Wanted | undefined {
  const folded = foldForSearch(text)
  // Where pieces of a message meet, BODY and TEXT have different neighbours.
  if (folded.length < gramLength || /[\r\n]/.test(folded)) return undefined
  const grams = gramHashes(folded)
  const bits = new Uint8Array(mostBytes)
  markText(bits, folded)
  return new Map([
    [1, different(grams)],
    [2, different(longGramHashes(folded), grams)],
    [3, different(spaceHashes(folded), grams)],
    [version, placesOf(bits)],
  ])
}

/** False only when the message cannot have the text that is wanted. */
export function mayHold(sieve: Uint8Array, wanted: Wanted): boolean {
  const first = sieve.length & 1
  const hashes = wanted.get(first === 0 ? 1 : (sieve[0] as number))
  // Of a version that is not known here, as after going back to an earlier Postern.
  if (hashes === undefined) return true
  const last = (sieve.length - first) * 8 - 1
  // By index: this runs for every message of a mailbox.
  for (let i = 0; i < hashes.length; i++) {
    const bit = (hashes[i] as number) & last
    if (((sieve[first + (bit >>> 3)] as number) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function different(...hashes: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(new Set(hashes.flatMap((some) => [...some])))
}

/** The places of the bits that are set. */
function placesOf(bits: Uint8Array): Uint32Array {
  const places: number[] = []
  for (const [index, octet] of bits.entries())
    for (let bit = 0; bit < 8; bit++) if ((octet & (1 << bit)) !== 0) places.push(index * 8 + bit)
  return Uint32Array.from(places)
}

function bitsIn(bits: Uint8Array): number {
  let count = 0
  for (let i = 0; i < bits.length; i++) count += bitsInOctet[bits[i] as number] as number
  return count
}

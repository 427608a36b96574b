import { base, mixed, power } from './sieve-marks.ts'

/** Rows of version 3: so many code units before a space and after it. A row sets so many bits. */
const rows = [
  { before: 4, after: 5, bits: 1 },
  { before: 6, after: 10, bits: 2 },
] as const

/** What earlier versions keep of a text, as hashes, repeated as they are: grams of four are in all of them. */
export function gramHashes(text: string, length = 4): Uint32Array {
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

/** What version 3 has of rows. */
export function spaceHashes(text: string): Uint32Array {
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
export function longGramHashes(text: string): Uint32Array {
  return gramHashes(text, 10)
    .filter((hash) => hash % 4 === 0)
    .map((hash) => hash >>> 2)
}

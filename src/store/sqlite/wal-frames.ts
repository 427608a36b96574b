import { readSync } from 'node:fs'
import { pause } from '../pause.ts'

const headerBytes = 32
const frameHeaderBytes = 24
/** Octets summed at one go: some milliseconds. */
const sliceBytes = 2 * 1024 * 1024

/**
 * How many frames of a write-ahead log are whole, counted from its start: those whose sums chain up to them, by which
 * SQLite knows after a crash how far the log goes. Octets are read as the operating system gives them now. The format is
 * https://www.sqlite.org/fileformat2.html section 4. Throws the file system's error.
 */
export async function wholeFrames(file: number): Promise<number> {
  const header = Buffer.alloc(headerBytes)
  if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return 0
  const magic = header.readUInt32BE(0)
  if (magic >>> 1 !== 0x377f0682 >>> 1) return 0
  const isBigEndian = (magic & 1) === 1
  const pageBytes = header.readUInt32BE(8)
  if (pageBytes < 512 || pageBytes > 65_536) return 0
  let sum = addTo({ a: 0, b: 0 }, header.subarray(0, 24), isBigEndian)
  if (!isSum(sum, header, 24)) return 0
  const frameBytes = frameHeaderBytes + pageBytes
  const slice = Buffer.alloc(Math.max(1, Math.floor(sliceBytes / frameBytes)) * frameBytes)
  for (let whole = 0; ; await pause()) {
    const read = readSync(file, slice, 0, slice.length, headerBytes + whole * frameBytes)
    for (let at = 0; at < slice.length; at += frameBytes) {
      if (at + frameBytes > read) return whole
      const frame = slice.subarray(at, at + frameBytes)
      // Frames of an earlier round of the log have other salts.
      if (frame.compare(header, 16, 24, 8, 16) !== 0) return whole
      sum = addTo(sum, frame.subarray(0, 8), isBigEndian)
      sum = addTo(sum, frame.subarray(frameHeaderBytes), isBigEndian)
      if (!isSum(sum, frame, 16)) return whole
      whole += 1
    }
  }
}

/** Two words of 32 bits. */
interface Sum {
  readonly a: number
  readonly b: number
}

function addTo(sum: Sum, octets: Buffer, isBigEndian: boolean): Sum {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  let { a, b } = sum
  for (let at = 0; at < octets.length; at += 8) {
    a = (a + view.getUint32(at, !isBigEndian) + b) >>> 0
    b = (b + view.getUint32(at + 4, !isBigEndian) + a) >>> 0
  }
  return { a, b }
}

/** The stored sum is big-endian, whatever the order in which it was taken. */
function isSum({ a, b }: Sum, octets: Buffer, at: number): boolean {
  return octets.readUInt32BE(at) === a && octets.readUInt32BE(at + 4) === b
}

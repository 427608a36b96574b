import { crc32 } from 'node:zlib'
import type { MessageId } from '#mail/ids.ts'

/** A line of a segment's index: where a message lies in the segment, or (length 0) that it was removed. */
export interface SegmentEntry {
  readonly id: MessageId
  readonly offset: number
  readonly length: number
}

/** Id (64 bits), offset, length, CRC-32 of these, little-endian. */
export const entryBytes = 20

export function encodeEntries(entries: readonly SegmentEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.length * entryBytes)
  for (const [index, { id, offset, length }] of entries.entries()) {
    const at = index * entryBytes
    bytes.writeUInt32LE(Number.parseInt(id.slice(-8), 16), at)
    bytes.writeUInt32LE(id.length > 8 ? Number.parseInt(id.slice(0, -8), 16) : 0, at + 4)
    bytes.writeUInt32LE(offset, at + 8)
    bytes.writeUInt32LE(length, at + 12)
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 16)), at + 16)
  }
  return bytes
}

/** All entries up to the first that is torn or damaged. */
export function decodeEntries(bytes: Buffer): SegmentEntry[] {
  const entries: SegmentEntry[] = []
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    if (crc32(bytes.subarray(at, at + 16)) !== bytes.readUInt32LE(at + 16)) break
    const high = bytes.readUInt32LE(at + 4)
    const low = bytes.readUInt32LE(at).toString(16)
    const id = (high === 0 ? low : `${high.toString(16)}${low.padStart(8, '0')}`) as MessageId
    entries.push({ id, offset: bytes.readUInt32LE(at + 8), length: bytes.readUInt32LE(at + 12) })
  }
  return entries
}

import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'
import type { AccountId, MessageId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** The size of the message stands before it, 0 when it is not compressed. */
const headBytes = 4
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** More is compressed by another thread; less is done before a thread would have begun. */
const compressElsewhereBytes = 128 * 1024
/** As above: decompressing is five times as fast. */
const decompressElsewhereBytes = 512 * 1024
/** Decompressing messages shorter than this takes longer than opening what is not compressed. */
const lengthyBytes = 64 * 1024
/** Base64 of what is compressed already never shrinks by half: a piece of it tells. */
const probeBytes = 16 * 1024

/** How much shorter a message must become for compression to be worth it. */
export const Thrift = {
  /** There is room: only what shrinks to half, and is long, so that reading it is as quick as reading the octets. */
  roomy: { leastBytes: lengthyBytes, most: 0.5 },
  /** Room is short: whatever becomes shorter by a tenth. */
  thrifty: { leastBytes: 0, most: 0.9 },
} as const
export type Thrift = (typeof Thrift)[keyof typeof Thrift]

/**
 * Seals a message, bound to its account and id, compressed by Zstandard where that is worth it. What is sealed is the
 * size of the message in 32 bits, little-endian, and a Zstandard frame of exactly that size; or 0 and the message itself.
 */
export async function pack(
  seal: Seal,
  { account, id, bytes }: { account: AccountId; id: MessageId; bytes: Buffer },
  thrift: Thrift,
): Promise<Buffer> {
  const packed = await shortened(bytes, thrift)
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(packed === undefined ? 0 : bytes.length)
  return seal.seal(Buffer.concat([head, packed ?? bytes]), purpose(account, id))
}

/** Undefined when it is not worth it. */
async function shortened(bytes: Buffer, { leastBytes, most }: Thrift): Promise<Buffer | undefined> {
  if (bytes.length < leastBytes) return undefined
  if (bytes.length >= 4 * probeBytes) {
    const middle = (bytes.length - probeBytes) >>> 1
    const probe = bytes.subarray(middle, middle + probeBytes)
    if (zstdCompressSync(probe, fastest).length > most * probeBytes) return undefined
  }
  const packed =
    bytes.length > compressElsewhereBytes ? await compress(bytes, fastest) : zstdCompressSync(bytes, fastest)
  return packed.length <= most * bytes.length ? packed : undefined
}

/** What was under a seal. */
export interface Opened {
  /** Of the message. */
  readonly sizeBytes: number
  readonly octets: Buffer
  readonly compressed: boolean
}

/** Throws SealError when it was changed or is another message's. */
export function openSealed(seal: Seal, account: AccountId, id: MessageId, sealed: Buffer): Opened {
  const plain = seal.open(sealed, purpose(account, id))
  const size = plain.readUInt32LE()
  const octets = plain.subarray(headBytes)
  return { sizeBytes: size === 0 ? octets.length : size, octets, compressed: size !== 0 }
}

/**
 * The messages, in their order. Those that are compressed are done as one: Zstandard frames one after the other are the
 * frame of everything (RFC 8878 section 3.1), and setting out for each takes as long as a short message does. They share
 * one buffer. Throws what zlib says.
 */
export async function unpack(opened: readonly Opened[]): Promise<Buffer[]> {
  const packed = opened.filter(({ compressed }) => compressed)
  const whole = packed.length === 0 ? undefined : await inflated(packed)
  let at = 0
  return opened.map(({ sizeBytes, octets, compressed }) => {
    if (!compressed || whole === undefined) return octets
    at += sizeBytes
    return whole.subarray(at - sizeBytes, at)
  })
}

async function inflated(packed: readonly Opened[]): Promise<Buffer> {
  const size = packed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const [first] = packed as readonly [Opened]
  const frames = packed.length === 1 ? first.octets : Buffer.concat(packed.map(({ octets }) => octets))
  // One piece of the right size instead of many that must be joined.
  const options = { chunkSize: Math.max(64, size), maxOutputLength: size }
  const whole =
    size > decompressElsewhereBytes ? await decompress(frames, options) : zstdDecompressSync(frames, options)
  if (whole.length !== size) throw new Error(`Cannot use ${whole.length} octets where ${size} should be`)
  return whole
}

function purpose(account: AccountId, id: MessageId): string {
  return `message ${account} ${id}`
}

import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'
import { discard } from '#mail/lent-octets.ts'
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
/** What does not become shorter by a tenth is left as it is. */
const worthwhile = 0.9
/** A piece from the middle tells of a long message whether it does. */
const probeBytes = 16 * 1024

/**
 * Seals a message, bound to its account and id. What is sealed is the size of the message in 32 bits, little-endian, and a
 * Zstandard frame of exactly that size; or 0 and the message itself. It is compressed where `thrifty` asks for it and it
 * helps: opening a seal is three to eight times as fast as decompressing.
 */
export async function pack(
  seal: Seal,
  { account, id, bytes }: { account: AccountId; id: MessageId; bytes: Buffer },
  thrifty: boolean,
): Promise<Buffer> {
  const packed = thrifty ? await shortened(bytes) : undefined
  const content = packed ?? bytes
  const plain = Buffer.allocUnsafeSlow(headBytes + content.length)
  plain.writeUInt32LE(packed === undefined ? 0 : bytes.length)
  content.copy(plain, headBytes)
  const sealed = seal.seal(plain, purposeOf(account, id))
  discard(plain)
  return sealed
}

/** Undefined when it is not worth it. */
async function shortened(bytes: Buffer): Promise<Buffer | undefined> {
  if (bytes.length >= 4 * probeBytes) {
    const middle = (bytes.length - probeBytes) >>> 1
    const probe = bytes.subarray(middle, middle + probeBytes)
    if (zstdCompressSync(probe, fastest).length > worthwhile * probeBytes) return undefined
  }
  const packed =
    bytes.length > compressElsewhereBytes ? await compress(bytes, fastest) : zstdCompressSync(bytes, fastest)
  return packed.length <= worthwhile * bytes.length ? packed : undefined
}

/** What was under a seal. */
export interface Opened {
  /** Of the message. */
  readonly sizeBytes: number
  readonly octets: Buffer
  readonly compressed: boolean
}

/**
 * Throws SealError when it was changed or is another message's. With a `room` it is opened there, which takes no more than
 * the sealed octets do.
 */
export function openSealed(
  seal: Seal,
  { account, id, sealed }: { account: AccountId; id: MessageId; sealed: Buffer },
  room?: Buffer,
): Opened {
  const bound = purposeOf(account, id)
  return openedOf(room === undefined ? seal.open(sealed, bound) : seal.openInto(sealed, bound, room))
}

/** What the plain octets are. */
export function openedOf(plain: Buffer): Opened {
  const size = plain.readUInt32LE()
  const octets = plain.subarray(headBytes)
  return { sizeBytes: size === 0 ? octets.length : size, octets, compressed: size !== 0 }
}

export interface Unpacked {
  readonly bytes: Buffer
  /** Whether nothing else is in its memory than messages that were unpacked with it. */
  readonly apart: boolean
}

/**
 * The messages, in their order. Those that are compressed are done as one: Zstandard frames one after the other are the
 * frame of everything (RFC 8878 section 3.1), and setting out for each takes as long as a short message does.
 * Throws what zlib says.
 */
export async function unpack(opened: readonly Opened[]): Promise<Unpacked[]> {
  const packed = opened.filter(({ compressed }) => compressed)
  const whole = packed.length === 0 ? undefined : await inflated(packed)
  const apart = whole !== undefined && whole.length > Buffer.poolSize
  let at = 0
  return opened.map(({ sizeBytes, octets, compressed }) => {
    // Where it was opened knows whoever opened it.
    if (!compressed || whole === undefined) return { bytes: octets, apart: false }
    at += sizeBytes
    return { bytes: whole.subarray(at - sizeBytes, at), apart }
  })
}

async function inflated(packed: readonly Opened[]): Promise<Buffer> {
  const size = packed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const [first] = packed as readonly [Opened]
  const frames = packed.length === 1 ? first.octets : Buffer.concat(packed.map(({ octets }) => octets))
  // One piece, with a little room left: without it zlib would make a second one and look whether there is more.
  const options = { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) }
  const whole =
    size > decompressElsewhereBytes ? await decompress(frames, options) : zstdDecompressSync(frames, options)
  if (whole.length !== size) throw new Error(`Cannot use ${whole.length} octets where ${size} should be`)
  return whole
}

/** What a message is sealed for. */
export function purposeOf(account: AccountId, id: MessageId): string {
  return `message ${account} ${id}`
}

import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { promisify } from 'node:util'
import type { AccountId, MessageId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Larger messages are compressed by another thread; smaller ones are done before a thread would have begun. */
const elsewhereBytes = 128 * 1024
/** The size of the message stands before it, 0 when it is not compressed. */
const headBytes = 4
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Compresses and seals a message, bound to its account and id. */
export async function pack(seal: Seal, account: AccountId, id: MessageId, bytes: Buffer): Promise<Buffer> {
  const packed =
    bytes.length > elsewhereBytes ? await compress(bytes, fastest) : zstdCompressSync(bytes, fastest)
  const head = Buffer.alloc(headBytes)
  const smaller = packed.length < bytes.length
  head.writeUInt32LE(smaller ? bytes.length : 0)
  return seal.seal(Buffer.concat([head, smaller ? packed : bytes]), purpose(account, id))
}

/** Throws SealError when it was changed or is another message's. */
export async function unpack(seal: Seal, account: AccountId, id: MessageId, sealed: Buffer): Promise<Buffer> {
  const plain = seal.open(sealed, purpose(account, id))
  const sizeBytes = plain.readUInt32LE()
  const packed = plain.subarray(headBytes)
  if (sizeBytes === 0) return packed
  // One piece of the right size instead of many that must be joined.
  const options = { chunkSize: Math.max(64, sizeBytes), maxOutputLength: sizeBytes }
  return sizeBytes > elsewhereBytes ? decompress(packed, options) : zstdDecompressSync(packed, options)
}

function purpose(account: AccountId, id: MessageId): string {
  return `message ${account} ${id}`
}

import { createHash } from 'node:crypto'
import type { MessageRow } from '#store/store.ts'
import { localBits } from './append-rules.ts'

/** SHA-256 of the flags of a message that only Postern keeps: equal as long as nobody changed them. */
export function localFlagsDigest({ bits, keywords }: Pick<MessageRow, 'bits' | 'keywords'>): Buffer {
  const local = localBits(bits)
  const words = keywords.map((word) => word.toLowerCase()).sort()
  return createHash('sha256')
    .update(JSON.stringify([local, words]))
    .digest()
}

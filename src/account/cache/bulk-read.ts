import type { AccountId, MessageId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'
import { openSealed, unpack, type Opened, type Unpacked } from './packing.ts'
import type { SealedFolder } from './sealed-folder.ts'

/** Messages are unpacked and given together up to about this, or one that is longer alone. */
const batchBytes = 512 * 1024

export interface FoundMessage extends Unpacked {
  readonly id: MessageId
}

/**
 * Many messages from disk, about in the order of the ids: those that lie together are read and unpacked together. The next
 * batch is made while the consumer is at work on one, so that two of them are in memory. What is absent or damaged is left
 * out.
 */
export function readMany(
  disk: SealedFolder,
  seal: Seal,
  account: AccountId,
  ids: readonly MessageId[],
): AsyncGenerator<readonly FoundMessage[]> {
  return oneAhead(batches(disk, seal, account, ids))
}

async function* batches(
  disk: SealedFolder,
  seal: Seal,
  account: AccountId,
  ids: readonly MessageId[],
): AsyncGenerator<readonly FoundMessage[]> {
  const stretches = disk.stretches(account, ids)
  // What was read is opened into other memory before the next read.
  const room = Buffer.allocUnsafeSlow(stretches.reduce((most, { length }) => Math.max(most, length), 0))
  for (const stretch of stretches) {
    const octets = await disk.readStretch(stretch, room)
    let sealed: Sealed[] = []
    let size = 0
    for (const { id, offset, length } of stretch.messages) {
      const at = offset - stretch.offset
      const one = opened(seal, account, id, octets.subarray(at, at + length))
      if (one === undefined) continue
      sealed.push(one)
      size += one.sizeBytes
      if (size < batchBytes) continue
      yield await messagesOf(sealed)
      sealed = []
      size = 0
    }
    if (sealed.length > 0) yield await messagesOf(sealed)
  }
}

interface Sealed extends Opened {
  readonly id: MessageId
}

function opened(seal: Seal, account: AccountId, id: MessageId, octets: Buffer): Sealed | undefined {
  try {
    return { id, ...openSealed(seal, account, id, octets) }
  } catch {
    // Whoever asks for it alone will see to it.
    return undefined
  }
}

async function messagesOf(sealed: readonly Sealed[]): Promise<FoundMessage[]> {
  try {
    const messages = await unpack(sealed)
    return messages.map(({ bytes, memory }, index) => ({ id: (sealed[index] as Sealed).id, bytes, memory }))
  } catch {
    return []
  }
}

/** The same items; each is worked on before it is asked for. */
async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next()
  try {
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = source.next()
      // Heard of when it is asked for.
      next.catch(() => {})
      yield value
    }
  } finally {
    await source.return(undefined)
  }
}

import type { AccountId, MessageId } from '#mail/ids.ts'
import { hold, lend } from '#mail/lent-octets.ts'
import type { Seal } from '#mail/surroundings.ts'
import { openSealed, unpack, type Opened } from './packing.ts'
import type { Rooms } from './rooms.ts'
import type { SealedFolder } from './sealed-folder.ts'
import type { Stretch } from './stretch.ts'

/** Messages are unpacked and given together up to about this, or one that is longer alone. */
const batchBytes = 256 * 1024

interface FoundMessage {
  readonly id: MessageId
  /** Lent, or of a pool. */
  readonly bytes: Buffer
  readonly release: (() => void) | undefined
}

/** Where messages are read from, and what that takes. */
export interface BulkSources {
  readonly disk: SealedFolder
  readonly seal: Seal
  readonly rooms: Rooms
}

/**
 * Many messages from disk, in the order of the stretches: those that lie together are read and unpacked together. The next
 * stretch is read while one is opened, the next batch is made while the consumer is at work on one. What is absent or damaged
 * is left out.
 */
export function readMany(
  sources: BulkSources,
  account: AccountId,
  stretches: readonly Stretch[],
): AsyncGenerator<readonly FoundMessage[]> {
  return oneAhead(batches(sources, account, stretches))
}

async function* batches(
  sources: BulkSources,
  account: AccountId,
  stretches: readonly Stretch[],
): AsyncGenerator<readonly FoundMessage[]> {
  for await (const { stretch, octets } of readings(sources, stretches))
    yield* unsealed(sources, account, stretch, octets)
}

/** The octets of each stretch, until the next is asked for; that one is being read meanwhile. */
async function* readings(
  { disk, rooms }: BulkSources,
  stretches: readonly Stretch[],
): AsyncGenerator<{ readonly stretch: Stretch; readonly octets: Buffer }> {
  const longest = stretches.reduce((most, { length }) => Math.max(most, length), 0)
  const own = Array.from({ length: Math.min(2, stretches.length) }, () => rooms.take(longest))
  const read = (index: number) => {
    const [stretch, room] = [stretches[index], own[index % 2]]
    return stretch === undefined || room === undefined ? undefined : disk.readStretch(stretch, room.octets)
  }
  let next = read(0)
  try {
    for (const [index, stretch] of stretches.entries()) {
      const octets = await next
      next = read(index + 1)
      if (octets !== undefined) yield { stretch, octets }
    }
  } finally {
    // A room that is still being written to belongs to nobody else.
    await next
    for (const room of own) room.leave()
  }
}

/** The messages of a stretch, opened one after the other into one room. */
async function* unsealed(
  { seal, rooms }: BulkSources,
  account: AccountId,
  stretch: Stretch,
  octets: Buffer,
): AsyncGenerator<readonly FoundMessage[]> {
  const room = rooms.take(stretch.messages.reduce((sum, { length }) => sum + length, 0))
  try {
    let free = room.octets
    let opened: WithId[] = []
    let size = 0
    for (const { id, offset, length } of stretch.messages) {
      const at = offset - stretch.offset
      const one = openedInto(free, seal, { account, id, sealed: octets.subarray(at, at + length) })
      if (one === undefined) continue
      // A little more than was opened.
      free = free.subarray(length)
      opened.push(one)
      size += one.sizeBytes
      if (size < batchBytes) continue
      yield await messagesOf(opened)
      opened = []
      size = 0
    }
    if (opened.length > 0) yield await messagesOf(opened)
  } finally {
    room.leave()
  }
}

interface WithId extends Opened {
  readonly id: MessageId
}

function openedInto(
  room: Buffer,
  seal: Seal,
  one: { account: AccountId; id: MessageId; sealed: Buffer },
): WithId | undefined {
  try {
    return { id: one.id, ...openSealed(seal, one, room) }
  } catch {
    // Whoever asks for it alone will see to it.
    return undefined
  }
}

async function messagesOf(opened: readonly WithId[]): Promise<FoundMessage[]> {
  try {
    const messages = await unpack(opened)
    return messages.map(({ bytes, apart }, index) => ({
      id: (opened[index] as WithId).id,
      bytes,
      release: hold(bytes) ?? (apart ? lend(bytes) : undefined),
    }))
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

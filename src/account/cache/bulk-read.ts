import type { AccountId, MessageId } from '#mail/ids.ts'
import { hold, lend } from '#mail/lent-octets.ts'
import type { SideOpener } from '#mail/side-opener.ts'
import type { Seal } from '#mail/surroundings.ts'
import { openedOf, openSealed, purposeOf, unpack, type Opened } from './packing.ts'
import type { Room, Rooms } from './rooms.ts'
import type { SealedFolder } from './sealed-folder.ts'
import { sizeOf, type Stretch } from './stretch.ts'

/** Messages are unpacked and given together up to about this, or one that is longer alone. */
const batchBytes = 256 * 1024
/** The same where they are open already: each batch costs a way through all who pass it on. */
const openedBatchBytes = 1024 * 1024
/** For less nobody is asked to open beside the event loop. */
const asideBytes = 4 * 1024 * 1024

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
  /** Undefined where everything is opened here. */
  readonly side: SideOpener | undefined
}

/**
 * Many messages from disk, in the order of the stretches: those that lie together are read and opened together. The next
 * stretch is read, and beside the event loop opened too, while the consumer is at work on one. What is absent or damaged
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
  const side = sizeOf(stretches) < asideBytes ? undefined : sources.side
  const begin = (index: number) => {
    const stretch = stretches[index]
    return stretch === undefined ? undefined : readStretch({ ...sources, side }, account, stretch)
  }
  let next = begin(0)
  try {
    for (let index = 1; next !== undefined; index++) {
      const { room, opened, octets, stretch }: StretchRead = await next
      next = begin(index)
      try {
        if (opened !== undefined) yield* inBatches(opened, openedBatchBytes)
        else yield* unsealed(sources, account, stretch, octets)
      } finally {
        room.leave()
      }
    }
  } finally {
    // A room that is still being written to belongs to nobody else.
    const last = await next
    last?.room.leave()
  }
}

/** A stretch that was read: its messages where they are opened already, else its octets. */
interface StretchRead {
  readonly stretch: Stretch
  readonly room: Room
  readonly opened?: readonly WithId[]
  readonly octets: Buffer
}

interface WithId extends Opened {
  readonly id: MessageId
}

async function readStretch(
  { disk, rooms, side }: BulkSources,
  account: AccountId,
  stretch: Stretch,
): Promise<StretchRead> {
  if (side !== undefined) {
    const opened = await disk.use(stretch, ({ fd }) => openedAside(side, rooms, { account, stretch, fd }))
    if (opened !== undefined) return opened
  }
  const room = rooms.take(stretch.length)
  return { stretch, room, octets: await disk.readStretch(stretch, room.octets) }
}

/** Undefined when it must be done here. */
async function openedAside(
  side: SideOpener,
  rooms: Rooms,
  { account, stretch, fd }: { account: AccountId; stretch: Stretch; fd: number },
): Promise<StretchRead | undefined> {
  const { offset, length, messages } = stretch
  const run = {
    fd,
    offset,
    length,
    ats: messages.map((one) => one.offset - offset),
    lengths: messages.map((one) => one.length),
    purposes: messages.map(({ id }) => purposeOf(account, id)),
  }
  const answer = await rooms.forSide(length, (memory) => side.open(run, memory))
  if (answer === undefined) return undefined
  const room = rooms.room(answer.memory)
  const opened: WithId[] = []
  for (const [index, { id }] of messages.entries()) {
    const [at, plain] = [run.ats[index] as number, answer.lengths[index] as number]
    if (plain >= 0) opened.push({ id, ...openedOf(room.octets.subarray(at, at + plain)) })
  }
  return { stretch, room, opened, octets: room.octets }
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
    yield* inBatches(openedHere(room.octets), batchBytes)
  } finally {
    room.leave()
  }

  function* openedHere(free: Buffer): Generator<WithId> {
    for (const { id, offset, length } of stretch.messages) {
      const at = offset - stretch.offset
      const one = openedInto(free, seal, { account, id, sealed: octets.subarray(at, at + length) })
      if (one === undefined) continue
      // A little more than was opened.
      free = free.subarray(length)
      yield one
    }
  }
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

async function* inBatches(opened: Iterable<WithId>, most: number): AsyncGenerator<readonly FoundMessage[]> {
  let batch: WithId[] = []
  let size = 0
  for (const one of opened) {
    batch.push(one)
    size += one.sizeBytes
    if (size < most) continue
    yield await messagesOf(batch)
    batch = []
    size = 0
  }
  if (batch.length > 0) yield await messagesOf(batch)
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

import { LRUCache } from 'lru-cache'
import type { AccountId, MessageId } from '#mail/ids.ts'
import type { Log, Seal } from '#mail/surroundings.ts'
import { discard } from '#mail/lent-octets.ts'
import type { SideOpener } from '#mail/side-opener.ts'
import { readMany } from './bulk-read.ts'
import { openSealed, pack, unpack, type Unpacked } from './packing.ts'
import { RecordMemory } from './record-memory.ts'
import { Rooms } from './rooms.ts'
import { SealedFolder } from './sealed-folder.ts'
import { sizeOf } from './stretch.ts'

export interface MessageCacheOptions {
  /** Made when it does not exist; nobody else may write there. */
  readonly dir: string
  /** 0 for none. */
  readonly diskBytes: number
  /** Half for messages, half for records; 0 for none. */
  readonly memoryBytes: number
  readonly seal: Seal
  /** Opens by the same key; without it all is opened on the event loop. */
  readonly side?: SideOpener
  readonly log: Log
  /** How long nothing is written after the disk refused; 30 s. */
  readonly retryMs?: number
}

interface MessageCacheStats {
  readonly memoryBytes: number
  readonly diskBytes: number
  /** Messages on disk. */
  readonly entries: number
  readonly hits: number
  readonly misses: number
}

interface CachedMessage {
  readonly id: MessageId
  /** Not to be written to: they may belong to everybody who asks. */
  readonly bytes: Buffer
  /** Gives the memory back, where nobody else uses it; see lent-octets.ts. */
  readonly release: (() => void) | undefined
}

/**
 * Messages as Gmail has them, by account and id, as long as there is room: the newest in memory, all of them sealed in a
 * folder. A message never changes, so what is here is right or absent. Never rejects: a damaged or full
 * disk makes messages absent, not errors.
 */
export interface MessageCache {
  /** Records of messages; see there. */
  readonly records: RecordMemory
  /** The buffer belongs to everybody who asks: do not write to it. */
  get(account: AccountId, id: MessageId): Promise<Buffer | undefined>
  /** As `get`, when it is in memory. */
  atHand(account: AccountId, id: MessageId): Buffer | undefined
  /**
   * Those of the messages that are here, in batches, about in the order of the ids; as `get`. Reading a whole mailbox
   * throws nothing out of the memory. Four megabytes, or three messages, are read ahead of the consumer.
   */
  getMany(account: AccountId, ids: readonly MessageId[]): AsyncIterable<readonly CachedMessage[]>
  has(account: AccountId, id: MessageId): boolean
  /** Keeps the buffer itself. Resolves when it is on disk or will not be; need not be waited for. */
  put(account: AccountId, id: MessageId, bytes: Buffer): Promise<void>
  /** Overwrites them on disk too. */
  remove(account: AccountId, ids: readonly MessageId[]): Promise<void>
  removeAccount(account: AccountId): Promise<void>
  stats(): MessageCacheStats
  /** Writes what is waiting. Afterwards nothing is here. */
  close(): Promise<void>
}

/** What an entry costs beside its octets, roughly. */
const overheadBytes = 200

/** Opens or makes the cache. A folder that cannot be used gives a cache in memory and a warning. */
export async function createMessageCache(options: MessageCacheOptions): Promise<MessageCache> {
  const { dir, diskBytes, memoryBytes, seal, side, log, retryMs = 30_000 } = options
  const memory =
    memoryBytes === 0
      ? undefined
      : new LRUCache<string, Buffer>({
          maxSize: Math.ceil(memoryBytes / 2),
          sizeCalculation: (bytes) => bytes.length + overheadBytes,
        })
  const disk =
    diskBytes === 0 ? undefined : await SealedFolder.open({ dir, maxBytes: diskBytes, seal, log, retryMs })
  const rooms = new Rooms()
  let hits = 0
  let misses = 0
  let damaged = 0
  let closed = false

  async function fromDisk(account: AccountId, id: MessageId): Promise<Buffer | undefined> {
    const sealed = await disk?.read(account, id)
    if (sealed === undefined) return undefined
    try {
      const opened = openSealed(seal, { account, id, sealed })
      discard(sealed)
      const [{ bytes }] = (await unpack([opened])) as [Unpacked]
      // It may have been removed meanwhile.
      if (disk?.has(account, id) === true) memory?.set(name(account, id), ownMemory(bytes))
      return bytes
    } catch {
      log[damaged === 0 ? 'warn' : 'debug'](
        { account },
        'A cached message is damaged and will be downloaded again',
      )
      damaged++
      await disk?.remove(account, [id])
      return undefined
    }
  }

  function hasRoomFor(bytes: number): boolean {
    return memory !== undefined && memory.calculatedSize + bytes <= memory.maxSize
  }

  /** A copy, since these octets are lent. Throws nothing out. */
  function keepIfFree(account: AccountId, { id, bytes }: CachedMessage): void {
    if (memory === undefined || !hasRoomFor(bytes.length + overheadBytes)) return
    if (disk?.has(account, id) === true) memory.set(name(account, id), Buffer.from(bytes))
  }

  return {
    records: new RecordMemory(memoryBytes / 2),

    async get(account, id) {
      const bytes = memory?.get(name(account, id)) ?? (await fromDisk(account, id))
      if (bytes === undefined) misses++
      else hits++
      return bytes
    },

    atHand(account, id) {
      const bytes = memory?.get(name(account, id))
      if (bytes !== undefined) hits++
      return bytes
    },

    async *getMany(account, ids) {
      const inMemory: CachedMessage[] = []
      const others: MessageId[] = []
      for (const id of ids) {
        // A look that changes nothing in the order of use.
        const bytes = memory?.peek(name(account, id))
        if (bytes === undefined) others.push(id)
        else inMemory.push({ id, bytes, release: undefined })
      }
      hits += inMemory.length
      if (inMemory.length > 0) yield inMemory
      if (disk === undefined || others.length === 0) return
      const stretches = disk.stretches(account, others)
      // What does not fit as a whole passes by: a part of a mailbox helps nobody, and copying it costs as much as opening it.
      const isKept = hasRoomFor(sizeOf(stretches))
      for await (const batch of readMany({ disk, seal, rooms, side }, account, stretches)) {
        hits += batch.length
        if (isKept) for (const message of batch) keepIfFree(account, message)
        yield batch
      }
    },

    has(account, id) {
      return memory?.has(name(account, id)) === true || disk?.has(account, id) === true
    },

    async put(account, id, bytes) {
      if (closed) return
      memory?.set(name(account, id), ownMemory(bytes))
      if (disk === undefined || disk.has(account, id)) return
      // Room is only saved where it is short.
      await disk.put(account, { id, bytes: await pack(seal, { account, id, bytes }, disk.crowded) })
    },

    async remove(account, ids) {
      for (const id of ids) memory?.delete(name(account, id))
      await disk?.remove(account, ids)
    },

    async removeAccount(account) {
      for (const key of memory?.keys() ?? []) if (key.startsWith(`${account} `)) memory?.delete(key)
      await disk?.removeAccount(account)
    },

    stats() {
      return {
        memoryBytes: memory?.calculatedSize ?? 0,
        diskBytes: disk?.sizeBytes ?? 0,
        entries: disk?.entries ?? 0,
        hits,
        misses,
      }
    },

    async close() {
      closed = true
      memory?.clear()
      await disk?.close()
    },
  }
}

function name(account: AccountId, id: MessageId): string {
  return `${account} ${id}`
}

/** A slice of a much larger buffer would keep all of it in memory. */
function ownMemory(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength <= 2 * bytes.length) return bytes
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

import { open, rm, type FileHandle } from 'node:fs/promises'
import type { AccountId, MessageId } from '#mail/ids.ts'
import { decodeEntries, encodeEntries, entryBytes, type SegmentEntry } from './segment-entry.ts'

/** A message as it goes to disk. */
export interface Sealed {
  readonly id: MessageId
  readonly bytes: Buffer
}

/**
 * One file of sealed messages of one account, back to back, and beside it its index. Octets first, then the index: what
 * the index names is there, unless the machine lost power, and then the seal tells. Nothing waits for the disk to say
 * that it has them: this is a cache.
 */
export class Segment {
  readonly number: number
  readonly account: AccountId
  readonly #path: string
  readonly #data: FileHandle
  readonly #index: FileHandle
  #dataBytes: number
  #indexBytes: number
  #readers = 0
  #lastReader: (() => void) | undefined
  /** Nothing is added any more. */
  closed: boolean
  /** Messages in it that are still wanted. */
  live = 0

  private constructor(
    number: number,
    account: AccountId,
    path: string,
    files: { data: FileHandle; index: FileHandle },
    sizes: { data: number; index: number },
    closed: boolean,
  ) {
    this.number = number
    this.account = account
    this.#path = path
    this.#data = files.data
    this.#index = files.index
    this.#dataBytes = sizes.data
    this.#indexBytes = sizes.index
    this.closed = closed
  }

  /** `path` is without the ends `.mail` and `.index`. Throws when the files exist or cannot be made. */
  static async create(number: number, account: AccountId, path: string): Promise<Segment> {
    const data = await open(`${path}.mail`, 'wx+', 0o600)
    try {
      const index = await open(`${path}.index`, 'wx+', 0o600)
      return new Segment(number, account, path, { data, index }, { data: 0, index: 0 }, false)
    } catch (error) {
      await data.close()
      await rm(`${path}.mail`, { force: true })
      throw error
    }
  }

  /** Opens what is there and reads its index; a torn end of either file is passed over and nothing is added after it. */
  static async reopen(
    number: number,
    account: AccountId,
    path: string,
  ): Promise<{ segment: Segment; entries: readonly SegmentEntry[] }> {
    const data = await open(`${path}.mail`, 'r+')
    let index: FileHandle | undefined
    try {
      index = await open(`${path}.index`, 'r+')
      const dataBytes = (await data.stat()).size
      const indexOctets = await index.readFile()
      const read = decodeEntries(indexOctets)
      const entries = read.filter(({ offset, length }) => offset + length <= dataBytes)
      const end = read.reduce((most, { offset, length }) => Math.max(most, offset + length), 0)
      const whole = read.length * entryBytes === indexOctets.length && end === dataBytes
      // What is added to the index overwrites a torn end.
      const sizes = { data: dataBytes, index: read.length * entryBytes }
      return { segment: new Segment(number, account, path, { data, index }, sizes, !whole), entries }
    } catch (error) {
      await data.close()
      await index?.close()
      throw error
    }
  }

  /** What it takes on disk. */
  get sizeBytes(): number {
    return this.#dataBytes + this.#indexBytes
  }

  /** Adds messages and gives where each begins. One call at a time. After an error the segment is closed. */
  async append(messages: readonly Sealed[]): Promise<SegmentEntry[]> {
    let end = this.#dataBytes
    const entries: SegmentEntry[] = []
    for (const { id, bytes } of messages) {
      entries.push({ id, offset: end, length: bytes.length })
      end += bytes.length
    }
    try {
      await writeAll(this.#data, Buffer.concat(messages.map(({ bytes }) => bytes)), this.#dataBytes)
      this.#dataBytes = end
      await this.#note(entries)
    } catch (error) {
      // Some of it may be there.
      this.#dataBytes = end
      this.closed = true
      throw error
    }
    return entries
  }

  /** Writes zeros over messages and notes that they are gone. */
  async erase(entries: readonly SegmentEntry[]): Promise<void> {
    for (const { offset, length } of entries) await writeAll(this.#data, Buffer.alloc(length), offset)
    await this.#note(entries.map(({ id }) => ({ id, offset: 0, length: 0 })))
  }

  async #note(entries: readonly SegmentEntry[]): Promise<void> {
    const octets = encodeEntries(entries)
    await writeAll(this.#index, octets, this.#indexBytes)
    this.#indexBytes += octets.length
  }

  /** Fills `room` from `offset` on and gives what was read: less when the file is shorter. */
  read(offset: number, room: Buffer): Promise<Buffer> {
    return this.use(async (data) => {
      const { bytesRead } = await data.read(room, 0, room.length, offset)
      return room.subarray(0, bytesRead)
    })
  }

  /** The file of messages, which is not closed before the work is done. */
  async use<T>(work: (data: FileHandle) => Promise<T>): Promise<T> {
    this.#readers++
    try {
      return await work(this.#data)
    } finally {
      this.#readers--
      if (this.#readers === 0) this.#lastReader?.()
    }
  }

  /** Waits for readers. No reader may come after this. */
  async close(): Promise<void> {
    if (this.#readers > 0) await new Promise<void>((resolve) => (this.#lastReader = resolve))
    await this.#data.close()
    await this.#index.close()
  }

  /** Closes it and removes its files. */
  async destroy(): Promise<void> {
    await this.close()
    await removeSegment(this.#path)
  }
}

/** Removes the files of a segment, as many as there are. */
export async function removeSegment(path: string): Promise<void> {
  // The index first: octets without an index mean nothing.
  await rm(`${path}.index`, { force: true })
  await rm(`${path}.mail`, { force: true })
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

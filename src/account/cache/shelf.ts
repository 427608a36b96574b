import type { FileHandle } from 'node:fs/promises'
import type { AccountId, MessageId } from '#mail/ids.ts'
import type { FolderLayout } from './folder-layout.ts'
import { PlaceTable, type Place } from './place-table.ts'
import { entryBytes, type SegmentEntry } from './segment-entry.ts'
import { removeSegment, Segment, type Sealed } from './segment.ts'
import { stretchesOf, type Stretch } from './stretch.ts'

/** A cache has about this many segments: eviction takes one at a time, the oldest. */
const segmentsWanted = 64
const leastSegmentBytes = 64 * 1024
/** Offsets have 32 bits. */
const mostSegmentBytes = 256 * 1024 * 1024

/**
 * All segments and what lies where in them. One change at a time; reads go beside it. Methods that change something throw
 * what the disk says; reads see what is absent or damaged, not errors.
 */
export class Shelf {
  readonly #layout: FolderLayout
  readonly #maxBytes: number
  readonly #segmentBytes: number
  /** By number, oldest first. */
  readonly #segments = new Map<number, Segment>()
  readonly #filling = new Map<AccountId, Segment>()
  readonly #places = new PlaceTable((segment) => this.#segments.has(segment))
  #nextNumber = 1

  /** All files together are kept below `maxBytes`. */
  constructor(layout: FolderLayout, maxBytes: number) {
    this.#layout = layout
    this.#maxBytes = maxBytes
    this.#segmentBytes = Math.min(mostSegmentBytes, Math.max(leastSegmentBytes, maxBytes / segmentsWanted))
  }

  /** Reads the indexes of the segments that are there; what cannot be read is removed. */
  async fill(): Promise<void> {
    for (const { account, number } of await this.#layout.segments()) {
      if (this.#segments.has(number)) continue
      this.#nextNumber = Math.max(this.#nextNumber, number + 1)
      const path = this.#layout.path(account, number)
      try {
        const { segment, entries } = await Segment.reopen(number, account, path)
        this.#segments.set(number, segment)
        for (const entry of entries) this.#place(account, segment, entry)
        if (segment.live === 0) await this.#drop(segment)
        else if (!segment.closed && segment.sizeBytes < this.#segmentBytes)
          this.#filling.set(account, segment)
      } catch {
        await removeSegment(path)
      }
    }
    while (this.sizeBytes > this.#maxBytes) await this.dropOldest()
  }

  has(account: AccountId, id: MessageId): boolean {
    return this.#places.find(account, id) !== undefined
  }

  /** The sealed octets; undefined when there are none, too few when the disk has no more. */
  async read(account: AccountId, id: MessageId): Promise<Buffer | undefined> {
    const place = this.#places.find(account, id)
    if (place === undefined) return undefined
    try {
      const room = Buffer.allocUnsafeSlow(place.length)
      return await this.#segments.get(place.segment)?.read(place.offset, room)
    } catch {
      return Buffer.alloc(0)
    }
  }

  /** Those of the messages that are here, by where they lie. */
  stretches(account: AccountId, ids: readonly MessageId[]): Stretch[] {
    return stretchesOf(
      ids.flatMap((id) => {
        const place = this.#places.find(account, id)
        return place === undefined ? [] : [{ id, ...place }]
      }),
    )
  }

  /** The octets of a stretch, in `room`; fewer when the disk has no more. */
  async readStretch({ segment, offset, length }: Stretch, room: Buffer): Promise<Buffer> {
    try {
      const read = await this.#segments.get(segment)?.read(offset, room.subarray(0, length))
      return read ?? Buffer.alloc(0)
    } catch {
      return Buffer.alloc(0)
    }
  }

  /** The open file of a segment, while the work lasts; undefined when it is gone. */
  use<T>(segment: number, work: (data: FileHandle) => Promise<T>): Promise<T> | undefined {
    return this.#segments.get(segment)?.use(work)
  }

  /** Adds messages; makes room for them first. What is there already is not written again. */
  async add(account: AccountId, batch: readonly Sealed[]): Promise<void> {
    const messages = new Map(batch.filter(({ id }) => !this.has(account, id)).map((one) => [one.id, one]))
    if (messages.size === 0) return
    let size = 0
    for (const { bytes } of messages.values()) size += bytes.length + entryBytes
    while (this.#segments.size > 0 && this.sizeBytes + size > this.#maxBytes) await this.dropOldest()
    const segment = await this.#segmentFor(account)
    for (const entry of await segment.append([...messages.values()])) this.#place(account, segment, entry)
    if (segment.sizeBytes >= this.#segmentBytes) this.#filling.delete(account)
  }

  /** Forgets messages and overwrites them, so that what was deleted for ever is not on this disk either. */
  async erase(account: AccountId, ids: readonly MessageId[]): Promise<void> {
    const bySegment = new Map<number, SegmentEntry[]>()
    for (const id of ids) {
      const place = this.#forget(account, id)
      if (place === undefined) continue
      const entries = bySegment.get(place.segment)
      const entry = { id, offset: place.offset, length: place.length }
      if (entries === undefined) bySegment.set(place.segment, [entry])
      else entries.push(entry)
    }
    for (const [number, entries] of bySegment) {
      const segment = this.#segments.get(number)
      if (segment?.live === 0) await this.#drop(segment)
      else await segment?.erase(entries)
    }
  }

  async dropAccount(account: AccountId): Promise<void> {
    for (const segment of this.#segments.values()) if (segment.account === account) await this.#drop(segment)
    await this.#layout.removeAccount(account)
  }

  async dropOldest(): Promise<void> {
    const [oldest] = this.#segments.values()
    if (oldest !== undefined) await this.#drop(oldest)
  }

  get sizeBytes(): number {
    let sum = 0
    for (const segment of this.#segments.values()) sum += segment.sizeBytes
    return sum
  }

  get entries(): number {
    let sum = 0
    for (const segment of this.#segments.values()) sum += segment.live
    return sum
  }

  async close(): Promise<void> {
    const segments = [...this.#segments.values()]
    this.#segments.clear()
    this.#filling.clear()
    await Promise.all(segments.map((segment) => segment.close()))
  }

  async #segmentFor(account: AccountId): Promise<Segment> {
    const filling = this.#filling.get(account)
    if (filling !== undefined && !filling.closed) return filling
    await this.#layout.addAccount(account)
    const number = this.#nextNumber++
    const segment = await Segment.create(number, account, this.#layout.path(account, number))
    this.#segments.set(number, segment)
    this.#filling.set(account, segment)
    return segment
  }

  #place(account: AccountId, segment: Segment, { id, offset, length }: SegmentEntry): void {
    this.#forget(account, id)
    if (length === 0) return
    this.#places.set(account, id, { segment: segment.number, offset, length })
    segment.live++
  }

  #forget(account: AccountId, id: MessageId): Place | undefined {
    const place = this.#places.find(account, id)
    if (place === undefined) return undefined
    this.#places.delete(account, id)
    const segment = this.#segments.get(place.segment)
    if (segment !== undefined) segment.live--
    return place
  }

  async #drop(segment: Segment): Promise<void> {
    this.#segments.delete(segment.number)
    if (this.#filling.get(segment.account) === segment) this.#filling.delete(segment.account)
    await segment.destroy()
  }
}

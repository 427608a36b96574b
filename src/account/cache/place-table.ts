import type { AccountId, MessageId } from '#mail/ids.ts'

/** Where a message lies on disk. */
export interface Place {
  /** Number of the segment. */
  readonly segment: number
  readonly offset: number
  /** Sealed octets, above 0. */
  readonly length: number
}

const startSlots = 1024
/** The table grows when it is this full. */
const fullest = 0.6

/**
 * Account and message to place, as a hash table in typed arrays: 24 octets a slot, about 40 to 80 a message. Segments
 * that are gone are not searched for: their entries count as absent and leave when the table grows.
 */
export class PlaceTable {
  readonly #alive: (segment: number) => boolean
  #columns = columns(startSlots)
  #used = 0

  constructor(alive: (segment: number) => boolean) {
    this.#alive = alive
  }

  find(account: AccountId, id: MessageId): Place | undefined {
    const slot = this.#slot(account, high(id), low(id))
    const { segments, offsets, lengths } = this.#columns
    const length = lengths[slot] as number
    const segment = segments[slot] as number
    if (length === 0 || !this.#alive(segment)) return undefined
    return { segment, offset: offsets[slot] as number, length }
  }

  /** Replaces what was there. */
  set(account: AccountId, id: MessageId, place: Place): void {
    if (this.#used + 1 > fullest * this.#columns.lengths.length) this.#rebuild()
    this.#put(account, high(id), low(id), place)
  }

  delete(account: AccountId, id: MessageId): void {
    const { accounts, highs, lows, segments, offsets, lengths } = this.#columns
    const mask = lengths.length - 1
    let hole = this.#slot(account, high(id), low(id))
    if (lengths[hole] === 0) return
    // What was pushed behind the hole by a collision moves up, so that no search ends too early.
    for (let next = (hole + 1) & mask; lengths[next] !== 0; next = (next + 1) & mask) {
      const home = hash(accounts[next] as number, highs[next] as number, lows[next] as number) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      for (const column of [accounts, highs, lows, segments, offsets, lengths])
        column[hole] = column[next] as number
      hole = next
    }
    lengths[hole] = 0
    this.#used--
  }

  /** The slot of the key, or the free slot where it would go. */
  #slot(account: number, highHalf: number, lowHalf: number): number {
    const { accounts, highs, lows, lengths } = this.#columns
    const mask = lengths.length - 1
    let slot = hash(account, highHalf, lowHalf) & mask
    while (
      lengths[slot] !== 0 &&
      (lows[slot] !== lowHalf || highs[slot] !== highHalf || accounts[slot] !== account)
    )
      slot = (slot + 1) & mask
    return slot
  }

  #put(account: number, highHalf: number, lowHalf: number, { segment, offset, length }: Place): void {
    const slot = this.#slot(account, highHalf, lowHalf)
    const { accounts, highs, lows, segments, offsets, lengths } = this.#columns
    if (lengths[slot] === 0) this.#used++
    accounts[slot] = account
    highs[slot] = highHalf
    lows[slot] = lowHalf
    segments[slot] = segment
    offsets[slot] = offset
    lengths[slot] = length
  }

  /** Drops the dead; doubles the table unless that made room enough. */
  #rebuild(): void {
    const { accounts, highs, lows, segments, offsets, lengths } = this.#columns
    const living: number[] = []
    for (let slot = 0; slot < lengths.length; slot++)
      if (lengths[slot] !== 0 && this.#alive(segments[slot] as number)) living.push(slot)
    const crowded = living.length > (fullest / 2) * lengths.length
    this.#columns = columns(crowded ? lengths.length * 2 : lengths.length)
    this.#used = 0
    for (const slot of living)
      this.#put(accounts[slot] as number, highs[slot] as number, lows[slot] as number, {
        segment: segments[slot] as number,
        offset: offsets[slot] as number,
        length: lengths[slot] as number,
      })
  }
}

function columns(slots: number) {
  return {
    accounts: new Uint32Array(slots),
    highs: new Uint32Array(slots),
    lows: new Uint32Array(slots),
    segments: new Uint32Array(slots),
    offsets: new Uint32Array(slots),
    /** 0 in a free slot. */
    lengths: new Uint32Array(slots),
  }
}

/** Gmail's ids are times with some bits of chance: all of them must count. */
function hash(account: number, highHalf: number, lowHalf: number): number {
  let value = Math.imul(
    lowHalf ^ Math.imul(highHalf, 0x9e3779b1) ^ Math.imul(account, 0x85ebca6b),
    0xc2b2ae35,
  )
  value ^= value >>> 15
  return Math.imul(value, 0x27d4eb2f) >>> 0
}

function high(id: MessageId): number {
  return id.length > 8 ? Number.parseInt(id.slice(0, -8), 16) : 0
}

function low(id: MessageId): number {
  return Number.parseInt(id.slice(-8), 16)
}

import { lend } from '#mail/lent-octets.ts'

/** Of the rooms that are kept; a longer one is made for one use. */
const roomBytes = 1024 * 1024
/** What is free beyond this many is given back to the system. */
const keptRooms = 6
/** After so long without a use the system gets all of it back: most of the time nobody downloads anything. */
const usualRestMs = 10_000

/** Memory that is lent and comes back. */
export interface Room {
  readonly octets: Buffer
  /** To be called when nothing more is put there; whoever was given a part holds it, see lent-octets.ts. */
  readonly leave: () => void
}

/**
 * Memory for what is read and opened, again and again: new memory for each batch of a download would cost more than opening
 * the batch does, since the system must clear every page of it.
 */
export class Rooms {
  readonly #free: ArrayBuffer[] = []
  readonly #restMs: number
  #rest: NodeJS.Timeout | undefined

  constructor(restMs = usualRestMs) {
    this.#restMs = restMs
  }

  /** Octets that nobody uses now. */
  get freeBytes(): number {
    return this.#free.length * roomBytes
  }

  /** What is in it comes from somebody else's mail: only what is written there may be looked at. */
  take(bytes: number): Room {
    if (bytes > roomBytes) {
      const octets = Buffer.allocUnsafeSlow(bytes)
      return { octets, leave: lend(octets) }
    }
    return this.room(this.#memory())
  }

  /**
   * Memory that goes to another thread and comes back with its answer, to become a `room`. It stays here when `ask` gives
   * undefined; what does not come back is garbage of the other thread.
   */
  forSide<T>(bytes: number, ask: (memory: ArrayBuffer) => T | undefined): T | undefined {
    const memory = bytes > roomBytes ? new ArrayBuffer(bytes) : this.#memory()
    const answer = ask(memory)
    if (answer === undefined) this.#comesBack(memory)
    return answer
  }

  /** A room of memory that `forSide` gave. */
  room(memory: ArrayBuffer): Room {
    const octets = Buffer.from(memory)
    return { octets, leave: lend(octets, (back) => this.#comesBack(back)) }
  }

  #memory(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(roomBytes)
  }

  #comesBack(memory: ArrayBuffer): void {
    if (memory.byteLength !== roomBytes || this.#free.length === keptRooms) {
      memory.transfer(0)
      return
    }
    this.#free.push(memory)
    if (this.#rest === undefined) this.#rest = setTimeout(() => this.#giveBack(), this.#restMs).unref()
    else this.#rest.refresh()
  }

  #giveBack(): void {
    for (const memory of this.#free.splice(0)) memory.transfer(0)
  }
}

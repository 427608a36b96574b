import { lend } from '#mail/lent-octets.ts'

/** Of the rooms that are kept; a longer one is made for one use. */
const roomBytes = 1024 * 1024
/** What is free beyond this many is given back to the system. */
const keptRooms = 6

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

  /** What is in it comes from somebody else's mail: only what is written there may be looked at. */
  take(bytes: number): Room {
    if (bytes > roomBytes) {
      const octets = Buffer.allocUnsafeSlow(bytes)
      return { octets, leave: lend(octets) }
    }
    const octets = Buffer.from(this.#free.pop() ?? new ArrayBuffer(roomBytes))
    return { octets, leave: lend(octets, (memory) => this.#comesBack(memory)) }
  }

  #comesBack(memory: ArrayBuffer): void {
    if (this.#free.length < keptRooms) this.#free.push(memory)
    else memory.transfer(0)
  }
}

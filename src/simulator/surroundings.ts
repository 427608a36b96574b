import { createHash } from 'node:crypto'

/** The simulator's time: the machine's, moved or standing still. */
export class SimulatorClock {
  #offsetMs = 0
  #fixedAt: number | undefined

  /** Epoch milliseconds. */
  now(): number {
    return this.#fixedAt ?? Date.now() + this.#offsetMs
  }

  /** Time stands still at this moment. */
  fix(at: number): void {
    this.#fixedAt = at
  }

  /** Time jumps; it goes on standing still if it did. */
  advance(ms: number): void {
    if (this.#fixedAt === undefined) this.#offsetMs += ms
    else this.#fixedAt += ms
  }

  /** Time runs with the machine's again. */
  release(): void {
    this.#fixedAt = undefined
    this.#offsetMs = 0
  }
}

/** Octets that only the seed and the purpose decide: a run can be repeated. */
export class SeededRandom {
  readonly #key: string
  #count = 0
  #pool: Buffer = Buffer.alloc(0)

  constructor(seed: string, purpose: string) {
    this.#key = `${purpose}\0${seed}`
  }

  bytes(size: number): Buffer {
    while (this.#pool.length < size) {
      const block = createHash('sha512').update(`${this.#key}\0${this.#count}`).digest()
      this.#count += 1
      this.#pool = Buffer.concat([this.#pool, block])
    }
    const taken = this.#pool.subarray(0, size)
    this.#pool = this.#pool.subarray(size)
    return taken
  }

  /** An integer from 0 to limit - 1; limit at most 2^32. */
  below(limit: number): number {
    return this.bytes(4).readUInt32BE() % limit
  }
}

/**
 * Ids for messages and threads, one space for both: 64 bits of which the upper ones are the time, so that they
 * grow with it (fact sheet section 3). Lower-case hexadecimal without padding.
 */
export class IdSource {
  #last = 0n
  readonly #now: () => number
  readonly #random: SeededRandom

  constructor(now: () => number, random: SeededRandom) {
    this.#now = now
    this.#random = random
  }

  /** The next ids are greater than this one. */
  startAfter(id: string): void {
    this.#last = BigInt(`0x${id}`)
  }

  next(): string {
    const time = BigInt(Math.max(1, this.#now())) << 20n
    const wanted = time + BigInt(this.#random.below(1 << 20))
    this.#last = wanted > this.#last ? wanted : this.#last + 1n + BigInt(this.#random.below(64))
    return this.#last.toString(16)
  }
}

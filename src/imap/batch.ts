/** Answers are gathered into chunks of this size: a write per line would be sixty times slower. facts/performance.md C. */
const chunkBytes = 64 * 1024
const firstChunkBytes = 1024
/** Octets from here on are passed on as they are; fewer are copied, which is cheaper than a write of their own. */
const passOnBytes = 4096

const ZERO = 0x30

/** Gathers the text of many answers into few chunks. Take the chunks now and then; what is not full stays until `rest`. */
export class Batch {
  #buffer = Buffer.allocUnsafe(firstChunkBytes)
  #used = 0
  #full: Uint8Array[] = []

  /** Whether `full` has something to give. */
  get waiting(): boolean {
    return this.#full.length > 0
  }

  /** Text with one character per octet. */
  text(latin1: string): void {
    if (latin1.length > this.#buffer.length - this.#used) {
      if (latin1.length >= chunkBytes) {
        this.#close()
        this.#full.push(Buffer.from(latin1, 'latin1'))
        return
      }
      this.#makeRoom(latin1.length)
    }
    this.#used += this.#buffer.write(latin1, this.#used, 'latin1')
  }

  /** A non-negative integer up to 2^53-1, in decimal. */
  number(value: number): void {
    if (value > 0xffffffff) {
      this.text(String(value))
      return
    }
    if (this.#buffer.length - this.#used < 10) this.#makeRoom(10)
    const buffer = this.#buffer
    let end = this.#used + digitCount(value)
    this.#used = end
    let left = value
    do {
      const tenth = Math.floor(left / 10)
      buffer[--end] = ZERO + left - tenth * 10
      left = tenth
    } while (left > 0)
  }

  /** Octets that do not change any more. Many of them are passed on without a copy. */
  octets(bytes: Uint8Array): void {
    if (bytes.length >= passOnBytes) {
      this.#close()
      this.#full.push(bytes)
      return
    }
    if (bytes.length > this.#buffer.length - this.#used) this.#makeRoom(bytes.length)
    const buffer = this.#buffer
    const at = this.#used
    if (bytes.length > 64) buffer.set(bytes, at)
    // A loop, since a call costs more than a few octets do.
    else for (let i = 0; i < bytes.length; i++) buffer[at + i] = bytes[i] as number
    this.#used = at + bytes.length
  }

  /** The chunks that are full. */
  full(): readonly Uint8Array[] {
    const full = this.#full
    if (full.length > 0) this.#full = []
    return full
  }

  /** Everything that was written and not taken yet. */
  rest(): readonly Uint8Array[] {
    this.#close()
    return this.full()
  }

  /** Whoever takes a chunk keeps it until the socket has it, so the next one gets a buffer of its own, larger each time. */
  #makeRoom(bytes: number): void {
    const size = Math.min(chunkBytes, Math.max(this.#buffer.length * 2, bytes))
    this.#close()
    if (this.#buffer.length < bytes || this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(size)
  }

  #close(): void {
    if (this.#used === 0) return
    this.#full.push(this.#buffer.subarray(0, this.#used))
    // What is left of the buffer serves on, unless it is too little to be worth it.
    const left = this.#buffer.subarray(this.#used)
    this.#buffer = left.length >= 512 ? left : Buffer.allocUnsafe(firstChunkBytes)
    this.#used = 0
  }
}

function digitCount(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}

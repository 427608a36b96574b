/** Answers are gathered into chunks of this size: a write per line would be sixty times slower. facts/performance.md C. */
const chunkBytes = 64 * 1024
const firstChunkBytes = 1024
/** Octets from here on are passed on as they are; fewer are copied, which is cheaper than a write of their own. */
const passOnBytes = 4096

/** Gathers the text of many answers into few chunks. Take the chunks now and then; what is not full stays until `rest`. */
export class Batch {
  #nextBytes = firstChunkBytes
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

  /** Octets that do not change any more. Many of them are passed on without a copy. */
  octets(bytes: Uint8Array): void {
    if (bytes.length >= passOnBytes) {
      this.#close()
      this.#full.push(bytes)
      return
    }
    if (bytes.length > this.#buffer.length - this.#used) this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
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
    this.#close()
    this.#nextBytes = Math.min(chunkBytes, this.#nextBytes * 2)
    this.#buffer = Buffer.allocUnsafe(Math.max(this.#nextBytes, bytes))
  }

  #close(): void {
    if (this.#used === 0) return
    this.#full.push(this.#buffer.subarray(0, this.#used))
    // What is left of the buffer serves on.
    this.#buffer = this.#buffer.subarray(this.#used)
    this.#used = 0
  }
}

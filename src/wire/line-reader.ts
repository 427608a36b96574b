/** A line is longer than is allowed at this point. What follows it cannot be read any more. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

/** Above this many octets that nobody has read yet the socket waits. */
const highWaterBytes = 256 * 1024
const lowWaterBytes = 64 * 1024
/** Once so much of a counted piece has come, room for all of it is made at once: it is then in memory one time. */
const certainBytes = 1024 * 1024
const LF = 0x0a
const CR = 0x0d

/** How a reader makes its source wait and go on. */
export interface Flow {
  pause(): void
  resume(): void
}

interface Waiting {
  /** Octets wanted; undefined: a line. */
  readonly count: number | undefined
  /** Fewer will do, but one at least. */
  readonly atMost: boolean
  readonly limit: number
  resolve(value: Buffer | undefined): void
  reject(reason: Error): void
}

/**
 * Octets as they arrive, taken out as lines or in counted pieces. One read at a time. Memory: what was sent and not read
 * yet, at most a few hundred kilobytes beyond what the reader asked for; arriving octets are appended with doubling, so
 * a line sent octet by octet costs no more than one sent at once.
 */
export class LineReader {
  readonly #flow: Flow
  #buffer: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  /** Up to here there is no line end. */
  #scanned = 0
  #paused = false
  #ended = false
  #interrupted = false
  #waiting: Waiting | undefined

  constructor(flow: Flow) {
    this.#flow = flow
  }

  /** Octets that arrived and were not read. */
  get unread(): number {
    return this.#end - this.#start
  }

  /** A line without its line end (CRLF; a bare LF is accepted), or undefined when no more comes. Throws LineTooLong. */
  line(limitBytes: number): Promise<Buffer | undefined> {
    return this.#read({ count: undefined, limit: limitBytes, atMost: false })
  }

  /** Exactly so many octets, or undefined when they do not come. */
  octets(count: number): Promise<Buffer | undefined> {
    return this.#read({ count, limit: count, atMost: false })
  }

  /** Throws so many octets away as they arrive. False when they do not come. */
  async skip(count: number): Promise<boolean> {
    for (let left = count; left > 0;) {
      const some = await this.#read({ count: left, limit: left, atMost: true })
      if (some === undefined) return false
      left -= some.length
    }
    return true
  }

  /** Everything unread is forgotten: what was sent before TLS started must not count after it. RFC 9051 section 6.2.1. */
  dropUnread(): void {
    this.#buffer = Buffer.alloc(0)
    this.#start = this.#end = this.#scanned = 0
    this.#unblock()
  }

  /** Everything unread is given away: the source goes on as something else. */
  takeUnread(): Buffer {
    const unread = this.#buffer.subarray(this.#start, this.#end)
    this.dropUnread()
    return unread
  }

  /** The source ends; what is unread can still be read. */
  end(): void {
    this.#ended = true
    this.#satisfy()
  }

  /** From now on nothing is read any more, whatever is there. */
  interrupt(): void {
    this.#interrupted = true
    this.#satisfy()
  }

  push(chunk: Buffer): void {
    if (this.#interrupted) return
    this.#append(chunk)
    this.#satisfy()
    if (this.unread > highWaterBytes && this.#waiting === undefined && !this.#paused) {
      this.#paused = true
      this.#flow.pause()
    }
  }

  #read(wanted: Pick<Waiting, 'count' | 'limit' | 'atMost'>): Promise<Buffer | undefined> {
    if (this.#waiting !== undefined) return Promise.reject(new Error('Cannot read twice at the same time'))
    return new Promise((resolve, reject) => {
      this.#waiting = { ...wanted, resolve, reject }
      this.#satisfy()
      if (this.#waiting !== undefined) this.#unblock()
    })
  }

  #satisfy(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    try {
      const value = this.#interrupted ? undefined : this.#take(waiting)
      if (value === undefined && !this.#ended && !this.#interrupted) return
      this.#waiting = undefined
      waiting.resolve(value)
    } catch (error) {
      this.#waiting = undefined
      waiting.reject(error as Error)
    }
    if (this.unread < lowWaterBytes) this.#unblock()
  }

  #take({ count, limit, atMost }: Waiting): Buffer | undefined {
    if (count !== undefined) {
      const least = atMost ? Math.min(count, 1) : count
      if (this.unread < least) return undefined
      const end = this.#start + Math.min(count, this.unread)
      const value = this.#buffer.subarray(this.#start, end)
      this.#advance(end)
      return value
    }
    const found = this.#buffer.subarray(0, this.#end).indexOf(LF, this.#scanned)
    const length = (found === -1 ? this.#end : found) - this.#start
    if (length > limit) throw new LineTooLong(`Cannot read a line of more than ${limit} octets`)
    if (found === -1) {
      this.#scanned = this.#end
      return undefined
    }
    const end = found > this.#start && this.#buffer[found - 1] === CR ? found - 1 : found
    const value = this.#buffer.subarray(this.#start, end)
    this.#advance(found + 1)
    return value
  }

  #advance(to: number): void {
    this.#start = this.#scanned = to
    if (to === this.#end) {
      // Pieces of it were given away, so it is left to them.
      this.#buffer = Buffer.alloc(0)
      this.#start = this.#end = this.#scanned = 0
    }
  }

  #append(chunk: Buffer): void {
    if (this.unread === 0) {
      this.#buffer = chunk
      this.#start = this.#scanned = 0
      this.#end = chunk.length
      return
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      const needed = this.unread + chunk.length
      const bigger = Buffer.allocUnsafeSlow(Math.max(this.#roomFor(needed), needed, 1024))
      this.#buffer.copy(bigger, 0, this.#start, this.#end)
      this.#end -= this.#start
      this.#scanned -= this.#start
      this.#start = 0
      this.#buffer = bigger
    }
    chunk.copy(this.#buffer, this.#end)
    this.#end += chunk.length
  }

  /** Doubling, until it is likely that all of a counted piece comes; with it may come the beginning of the next line. */
  #roomFor(needed: number): number {
    const count = this.#waiting?.count
    if (count === undefined) return 2 * needed
    return needed >= certainBytes ? count + lowWaterBytes : Math.min(2 * needed, count + lowWaterBytes)
  }

  #unblock(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#flow.resume()
  }
}

import type { Writable } from 'node:stream'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { areGone, hold } from '#mail/lent-octets.ts'
import type { Turns } from './turns.ts'

/** What goes to the client: text with one character per octet (latin1), or octets. */
export type Chunk = string | Uint8Array

/** There is nobody any more to write to. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded'

  constructor() {
    super('The connection has ended')
  }
}

/** Small pieces are joined up to this many octets; one write per line is sixty times slower. facts/performance.md section C. */
const joinedBytes = 64 * 1024
/** Octets below this are joined with the text around them; above, they are handed on without a copy. */
const copiedBytes = 2 * 1024
/** Corked writes go out after this many octets. */
const corkedBytes = 256 * 1024
/** A larger piece is written in slices of this size, so that a slow client's progress can be seen. */
const sliceBytes = 256 * 1024
/** The same while other clients ask for something, who have their turn after each slice. */
const briefSliceBytes = 64 * 1024

export interface OutgoingLimits {
  /** Octets that the socket may hold before the writer waits. */
  readonly heldBytes: number
  /** A client that takes nothing for so long is dropped. */
  readonly stalledMs: number
}

export const outgoingLimits: OutgoingLimits = { heldBytes: 1024 * 1024, stalledMs: 5 * 60_000 }

/**
 * Writes to one socket: joins what is small, never copies what is big, and says when to wait for a slow reader. What was
 * written goes out with `flush`, or by itself at the end of the turn of the event loop.
 */
export class Outgoing {
  readonly #socket: Writable
  readonly #limits: OutgoingLimits
  readonly #turns: Pick<Turns, 'othersAsk'> | undefined
  #text = ''
  #corked = 0
  #scheduled = false
  #bytes = 0

  constructor(socket: Writable, limits: OutgoingLimits = outgoingLimits, turns?: Pick<Turns, 'othersAsk'>) {
    this.#socket = socket
    this.#limits = limits
    this.#turns = turns
  }

  /** Octets written so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a chunk. A promise means: write nothing more before it resolves. It rejects with ConnectionEnded when the socket ends or stalls. */
  write(chunk: Chunk): Promise<void> | undefined {
    this.#bytes += chunk.length
    if (typeof chunk === 'string') this.#join(chunk)
    else if (areGone(chunk)) throw new Error('Cannot write octets that were released')
    else if (chunk.length < copiedBytes) this.#join(latin1(chunk))
    else if (chunk.length > briefSliceBytes && (chunk.length > sliceBytes || this.#turns?.othersAsk === true))
      return this.#writeSlices(chunk)
    else this.#hand(chunk)
    this.#schedule()
    return this.#held > this.#limits.heldBytes ? this.drained() : undefined
  }

  /** Everything written so far goes to the socket. */
  flush(): void {
    this.#handText()
    if (this.#corked === 0) return
    this.#corked = 0
    this.#socket.uncork()
  }

  /** Resolves when the socket took everything. Rejects with ConnectionEnded when it ends, or takes nothing for too long and is dropped. */
  drained(): Promise<void> {
    this.flush()
    const socket = this.#socket
    if (socket.destroyed) return Promise.reject(new ConnectionEnded())
    if (!socket.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const stalled = setTimeout(() => {
        socket.destroy(new Error('The client takes nothing'))
      }, this.#limits.stalledMs)
      const onDrain = () => settle(resolve)
      const onClose = () => settle(() => reject(new ConnectionEnded()))
      const settle = (then: () => void) => {
        clearTimeout(stalled)
        socket.off('drain', onDrain).off('close', onClose)
        then()
      }
      socket.once('drain', onDrain).once('close', onClose)
    })
  }

  get #held(): number {
    return this.#socket.writableLength + this.#text.length
  }

  #join(text: string): void {
    this.#text += text
    if (this.#text.length >= joinedBytes) this.#handText()
  }

  #handText(): void {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#pass(text)
  }

  #hand(octets: Uint8Array): void {
    this.#handText()
    this.#pass(octets)
  }

  #pass(chunk: Chunk): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) return
    if (this.#corked === 0) socket.cork()
    if (typeof chunk === 'string') socket.write(chunk, 'latin1')
    // What is lent stays until the socket has it.
    else socket.write(chunk, hold(chunk))
    this.#corked += chunk.length
    if (this.#corked < corkedBytes) return
    this.#corked = 0
    socket.uncork()
  }

  async #writeSlices(octets: Uint8Array): Promise<void> {
    const written = hold(octets)
    try {
      for (let at = 0; at < octets.length;) {
        const brief = this.#turns?.othersAsk === true
        const end = at + (brief ? briefSliceBytes : sliceBytes)
        this.#hand(octets.subarray(at, end))
        at = end
        // The last slice goes with what follows.
        if (this.#held > this.#limits.heldBytes) await this.drained()
        else if (brief && at < octets.length) {
          this.flush()
          await othersTurn()
        }
      }
      this.#schedule()
    } finally {
      written?.()
    }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1')
}

import type { Socket } from 'node:net'
import { isLoopback } from '#wire/connection.ts'
import type { Guest } from '#wire/connection-book.ts'

/** Somebody in the middle of the handshake, before there is a session: counts like any stranger, and can be told nothing. */
export class Arrival implements Guest {
  readonly remoteAddress: string
  readonly #cut: () => void
  readonly #closed = new AbortController()

  constructor(socket: Socket, cut: () => void) {
    this.remoteAddress = socket.remoteAddress ?? ''
    this.#cut = cut
    socket.once('close', () => this.leave())
  }

  get isLoopback(): boolean {
    return isLoopback(this.remoteAddress)
  }

  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** It has come in, or is gone. */
  leave(): void {
    this.#closed.abort(new Error('The handshake is over'))
  }

  interrupt(): void {
    this.destroy()
  }

  destroy(): void {
    this.#cut()
  }
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connectSeconds, type Address } from './address.ts'
import { ConnectionLost } from './postgres-error.ts'

/**
 * The sockets of one pool, each made once: the driver, which would open a lost one again by itself and for ever, asks in vain.
 * https://github.com/porsager/postgres#connection-details (`socket`)
 */
export class Sockets {
  readonly #address: Address
  readonly #open = new Set<Socket>()
  #left: number

  constructor(address: Address, most: number) {
    this.#address = address
    this.#left = most
  }

  /** Rejects with ConnectionLost or the system's error. */
  async connect(): Promise<Socket> {
    if (this.#left-- <= 0) throw new ConnectionLost('The connection was lost')
    const { place } = this.#address
    const socket = connect(place)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(connectSeconds * 1000) })
    } catch (error) {
      socket.destroy()
      if (error instanceof Error && error.name === 'AbortError')
        throw new ConnectionLost('The server did not answer in time', { cause: error })
      throw error
    }
    // Where the driver looks for the name that the certificate must have.
    return Object.assign(socket, { host: 'host' in place ? place.host : undefined })
  }

  /** Ends all at once, also those whose other side is silent. */
  destroy(): void {
    this.#left = 0
    for (const socket of this.#open) socket.destroy()
  }
}

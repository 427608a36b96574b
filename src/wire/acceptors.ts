import { createServer } from 'node:net'
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net'

/** Each takes one connection in for each turn of the event loop. */
const many = 8
/** Where several sockets may listen at one port, and connections are spread over them: SO_REUSEPORT of socket(7). */
const sharesPorts = process.platform === 'linux'

/** A machine that went to sleep or fell off the network is noticed some minutes later, not after hours. */
export const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 }

/**
 * What listens at one port. libuv takes in one connection for each turn of the event loop and socket that listens: where turns
 * are long, as after a restart with many accounts, the last of two hundred clients that come back at once waited for two
 * hundred of them until it was greeted. So several sockets listen, where the system can do that.
 */
export class Acceptors {
  readonly #servers: readonly Server[]

  private constructor(servers: readonly Server[]) {
    this.#servers = servers
  }

  /** Rejects when the address cannot be used (EADDRINUSE, EACCES). */
  static async open(
    { host, port }: { host: string; port: number },
    onSocket: (socket: Socket) => void,
  ): Promise<Acceptors> {
    if (!sharesPorts) return new Acceptors([await listening({ host, port }, onSocket)])
    // Those that share a port do not notice that another process shares it too. Any free port is shared by nobody.
    if (port !== 0) (await listening({ host, port }, onSocket)).close()
    const servers = [await listening({ host, port, reusePort: true }, onSocket)]
    const acceptors = new Acceptors(servers)
    try {
      while (servers.length < many)
        servers.push(await listening({ host, port: acceptors.port, reusePort: true }, onSocket))
    } catch (error) {
      await acceptors.close()
      throw error
    }
    return acceptors
  }

  get port(): number {
    return ((this.#servers[0] as Server).address() as AddressInfo).port
  }

  onError(listener: (error: Error) => void): void {
    for (const server of this.#servers) server.on('error', listener)
  }

  /** Takes no more connections; resolves when those that were taken in are gone. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  }
}

async function listening(where: ListenOptions, onSocket: (socket: Socket) => void): Promise<Server> {
  // Half-open: a client may send its last command and its end together, and still wants the answers.
  const server = createServer({ allowHalfOpen: true, ...socketOptions }, onSocket)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

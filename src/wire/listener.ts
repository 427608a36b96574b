import type { Socket } from 'node:net'
import type { Log } from '#mail/surroundings.ts'
import { Acceptors } from './acceptors.ts'
import type { CertificateSource } from './certificate.ts'
import { Connection } from './connection.ts'
import type { ConnectionBook } from './connection-book.ts'
import type { Crowd } from './crowd.ts'
import type { OutgoingLimits } from './outgoing.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** `implicit`: the handshake comes first. Otherwise clear; the protocol may start TLS later. */
  readonly tls: 'implicit' | 'none'
  readonly certificate: CertificateSource
  readonly book: ConnectionBook<Connection>
  readonly crowd: Crowd
  readonly outgoing: OutgoingLimits
  /** Sent to a client for whom there is no room, before it is cut: `* BYE …` with its line end. */
  readonly refusal: string
  /** Serves one client. Must not throw; the connection is ended when it resolves. */
  onConnection(connection: Connection): Promise<void>
  readonly log: Log
}

export interface Listener {
  address(): { host: string; port: number }
  /** Takes no more connections. Those that are there stay. */
  close(): Promise<void>
}

/** Listens. Rejects when the address cannot be used (EADDRINUSE, EACCES). */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { host, port, log } = options
  const acceptors = await Acceptors.open({ host, port }, (socket) => {
    // Reset while it is being accepted: the socket tells it by `close`.
    socket.on('error', () => {})
    serve(socket, options).catch((err: unknown) => {
      log.error({ err }, 'a connection failed')
      socket.destroy()
    })
  })
  acceptors.onError((err) => log.error({ err }, 'a listener has trouble'))
  const address = { host, port: acceptors.port }
  return { address: () => address, close: () => acceptors.close() }
}

async function serve(socket: Socket, options: ListenerOptions): Promise<void> {
  const { book, certificate, log } = options
  const connection = new Connection(socket, options.outgoing, options.crowd.join())
  if (!book.enter(connection)) {
    log.warn({ remoteAddress: connection.remoteAddress }, 'no room for one more connection')
    if (options.tls === 'none') connection.write(options.refusal)?.catch(() => {})
    await connection.end()
    return
  }
  try {
    if (options.tls === 'implicit') {
      // Nothing is read before the handshake: what comes belongs to TLS.
      socket.pause()
      const { context } = await certificate.current()
      await connection.startTls(context)
    }
  } catch (error) {
    log.debug({ remoteAddress: connection.remoteAddress, err: error }, 'no TLS')
    connection.destroy()
    return
  }
  await options.onConnection(connection)
  await connection.end()
}

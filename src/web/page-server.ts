import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { makeRoom } from '#mail/make-room.ts'
import type { Log } from '#mail/surroundings.ts'

// reliability.md section 5.
const limits = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 20_000 }
const handshakeMs = 10_000
const connectionLimit = 200
/** The first octet of a TLS connection: a handshake record. RFC 8446 section 5.1. */
const handshakeRecord = 0x16

/** PEM both; another object when it is another pair. */
export interface ServerPair {
  readonly certificate: string
  readonly key: string
}

/** What listens for the pages. */
export interface PageServer {
  readonly server: Server | TlsServer
  /** Ends what is connected and is no HTTP connection of the server yet, which it would wait for. */
  endStrangers(): void
}

export function createPlainServer(handler: RequestListener): PageServer {
  const server = createServer(limits, handler)
  makeRoom(server, connectionLimit)
  return { server, endStrangers() {} }
}

/**
 * Speaks TLS, with the pair that is current when a client comes. Who speaks plain HTTP instead is answered by `plain`: a
 * person who left out the s, or a browser that Google sends back to loopback, where addresses begin with http://.
 */
export function createSecureServer(
  handler: RequestListener,
  { pair, plain, log }: { pair: () => Promise<ServerPair>; plain: RequestListener; log: Log },
): PageServer {
  const server = createTlsServer({ ...limits, handshakeTimeout: handshakeMs }, handler)
  const plainServer = createServer(limits, plain)
  const sockets = new Set<Socket>()
  let current: ServerPair | undefined

  async function startTls(socket: Socket): Promise<void> {
    const now = await pair()
    if (now !== current) {
      server.setSecureContext({ cert: now.certificate, key: now.key, minVersion: 'TLSv1.2' })
      current = now
    }
    for (const listener of begin) listener.call(server, socket)
  }

  function look(socket: Socket): void {
    const first = socket.read(1) as Buffer | null
    if (first === null) return void socket.once('readable', () => look(socket))
    socket.unshift(first)
    if (first[0] !== handshakeRecord) {
      // A server that does not listen watches no times, so the socket's own stays.
      plainServer.emit('connection', socket)
      return
    }
    socket.setTimeout(0)
    startTls(socket).catch((err: unknown) => {
      log.error({ err }, 'the pages have no certificate')
      socket.destroy()
    })
  }

  // The server's own way to begin, put off until it is known what the client speaks.
  const begin = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.setTimeout(handshakeMs, () => socket.destroy())
    look(socket)
  })
  makeRoom(server, connectionLimit)
  server.on('tlsClientError', (err) => log.debug({ err }, 'no TLS with a client of the pages'))
  return {
    server,
    endStrangers() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

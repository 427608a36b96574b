import type { Server, Socket } from 'node:net'

/**
 * Keeps a server to so many connections: for one more, whoever has been there longest leaves. Refusing the newest
 * (`maxConnections`) would let a few that never finish a request, or never read its answer, keep everybody out for as long
 * as they like, the probes of a supervisor among them, which then ends a process that is well.
 */
export function makeRoom(server: Server, connectionLimit: number): void {
  const inside = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    const [oldest] = inside
    if (oldest !== undefined && inside.size >= connectionLimit) {
      inside.delete(oldest)
      oldest.destroy()
    }
    inside.add(socket)
    socket.once('close', () => inside.delete(socket))
  })
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { systemClock } from '#mail/surroundings.ts'
import type { Log } from '#mail/surroundings.ts'
import { loadCertificate } from './certificate.ts'
import { ConnectionBook, connectionLimits } from './connection-book.ts'
import type { ConnectionLimits } from './connection-book.ts'
import type { Connection } from './connection.ts'
import { isLoopback } from './connection.ts'
import { Crowd } from './crowd.ts'
import { listen } from './listener.ts'
import { outgoingLimits } from './outgoing.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

interface EchoOptions {
  readonly host?: string
  readonly tls?: 'none' | 'implicit'
  readonly limits?: Partial<ConnectionLimits>
}

/** A listener whose protocol gives every line back. */
async function echo(t: TestContext, { host = '127.0.0.1', tls = 'none', limits = {} }: EchoOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-wire-'))
  const book = new ConnectionBook<Connection>({ ...connectionLimits, ...limits })
  const served: Connection[] = []
  const listener = await listen({
    host,
    port: 0,
    tls,
    certificate: await loadCertificate({ dataDir, clock: systemClock, log: quiet }),
    book,
    outgoing: outgoingLimits,
    crowd: new Crowd(systemClock),
    refusal: 'no room\r\n',
    async onConnection(connection) {
      served.push(connection)
      for (;;) {
        const line = await connection.incoming.line(1000)
        if (line === undefined) break
        await connection.write(`${line.toString('latin1')}\r\n`)
        connection.flush()
      }
      if (connection.interruption !== undefined) void connection.write(`bye: ${connection.interruption}\r\n`)
    },
    log: quiet,
  })
  t.after(async () => {
    const closed = listener.close()
    for (const connection of book.connections) connection.destroy()
    await closed
    await rm(dataDir, { recursive: true, force: true })
  })
  return { ...listener.address(), book, served }
}

test('lines go both ways, clear and over TLS, on IPv4 and IPv6', async (t) => {
  for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
    for (const tls of ['none', 'implicit'] as const) {
      const { port, served } = await echo(t, { host, tls })
      const socket =
        tls === 'none' ? connect({ host, port }) : connectTls({ host, port, rejectUnauthorized: false })
      socket.end('hello\r\n')
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      assert.equal(chunk.toString(), 'hello\r\n')
      await once(socket, 'end')
      assert.equal(served[0]?.secure, tls === 'implicit')
    }
  }
})

test('what is no TLS handshake is cut off and leaves no trace', async (t) => {
  const { host, port, book, served } = await echo(t, { tls: 'implicit' })
  const socket = connect({ host, port })
  socket.on('error', () => {})
  socket.resume()
  socket.write('a LOGIN ada secret\r\n'.repeat(100))
  await once(socket, 'close')
  assert.equal(served.length, 0)
  const next = connectTls({ host, port, rejectUnauthorized: false })
  await once(next, 'secureConnect')
  assert.equal(book.connections.size, 1)
  next.destroy()
})

test('a client that never finishes its handshake goes with the other strangers', async (t) => {
  const { host, port } = await echo(t, { tls: 'implicit', limits: { loginMs: 20 } })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const socket = connect({ host, port })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  const tick = setInterval(() => t.mock.timers.tick(1_000), 5)
  await closed
  clearInterval(tick)
})

test('TLS 1.1 is refused', async (t) => {
  const { host, port } = await echo(t, { tls: 'implicit' })
  const socket = connectTls({
    host,
    port,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
  })
  await assert.rejects(once(socket, 'secureConnect'))
})

test('a client cannot have the handshake made again', async (t) => {
  const { host, port } = await echo(t, { tls: 'implicit' })
  const socket = connectTls({ host, port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
  await once(socket, 'secureConnect')
  const [error] = await new Promise<[Error | null]>((resolve) => {
    socket.on('error', (reason) => resolve([reason]))
    socket.renegotiate({ rejectUnauthorized: false }, (...args) => resolve(args))
  })
  assert.match(String(error), /NO_RENEGOTIATION|no renegotiation|ECONNRESET/)
})

test('a port that is taken is an error, not silence', async (t) => {
  const { host, port, book } = await echo(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-wire-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  const certificate = await loadCertificate({ dataDir, clock: systemClock, log: quiet })
  const options = {
    host,
    port,
    tls: 'none',
    certificate,
    book,
    outgoing: outgoingLimits,
    crowd: new Crowd(systemClock),
    refusal: '',
    log: quiet,
  } as const
  await assert.rejects(listen({ ...options, onConnection: async () => {} }), { code: 'EADDRINUSE' })
})

test('one address has a limit unless it is this machine', async (t) => {
  const { host, port, book } = await echo(t, { limits: { perAddress: 1 } })
  const sockets = [connect({ host, port }), connect({ host, port })]
  for (const socket of sockets) {
    socket.write('x\r\n')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    assert.equal(chunk.toString(), 'x\r\n')
  }
  assert.equal(book.connections.size, 2)
  for (const socket of sockets) socket.destroy()
  assert.deepEqual(
    ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::ffff:10.0.0.1', ''].map(isLoopback),
    [true, true, true, true, false, false, false],
  )
})

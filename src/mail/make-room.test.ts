import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { makeRoom } from './make-room.ts'

test('clients that never finish a request keep nobody out: the oldest leaves', async (t) => {
  const server = createServer((_request, response) => response.end('served'))
  makeRoom(server, 2)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const begin = async () => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\n')
    await once(socket, 'connect')
    return socket
  }
  const oldest = await begin()
  const other = await begin()
  const gone = once(oldest, 'close')
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(await answer.text(), 'served')
  await gone
  other.end('Host: x\r\nConnection: close\r\n\r\n')
  const [rest] = (await once(other.setEncoding('latin1'), 'data')) as [string]
  assert.match(rest, /200 OK/)
})

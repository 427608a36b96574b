/**
 * One end of a stream between two processes that have nothing to do with any mail server. `source RATE` listens, tells its port
 * and sends so many octets a second, or what the other end takes; `drain PORT` takes them and says so once.
 */
import { connect, createServer, type Socket } from 'node:net'

const chunk = Buffer.alloc(256 * 1024)
const [role, given] = process.argv.slice(2)

if (role === 'source') {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {
      // The other end was ended first.
    })
    pour(socket, Number(given))
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object') console.log(address?.port)
  })
} else {
  const socket = connect(Number(given), '127.0.0.1')
  socket.once('data', () => console.log('begun'))
  socket.resume()
}

function pour(socket: Socket, bytesPerSecond: number): void {
  const startedAt = performance.now()
  let sent = 0
  const go = (): void => {
    const due = ((performance.now() - startedAt) / 1000) * bytesPerSecond
    if (sent > due) {
      setTimeout(go, 1)
      return
    }
    sent += chunk.length
    if (socket.write(chunk)) setImmediate(go)
    else socket.once('drain', go)
  }
  go()
}

import { once } from 'node:events'
import { connect } from 'node:net'
import { password, user } from './people.ts'

/** A client of its own process: sends one message of this size in clear, with or without declaring it. */
const [port, size, declared] = process.argv.slice(2).map(Number) as [number, number, number]
const socket = connect(port, '127.0.0.1')
socket.setEncoding('latin1')
let text = ''
socket.on('data', (chunk: string) => {
  text += chunk
})

async function say(line: string, expected: RegExp): Promise<void> {
  text = ''
  if (line !== '') socket.write(line)
  while (!/^\d{3} [^\n]*\n/m.test(text)) await once(socket, 'data')
  if (!expected.test(text)) throw new Error(text)
}

await say('', /^220/)
await say('EHLO x\r\n', /^250/)
await say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}\r\n`, /^235/)
await say(`MAIL FROM:<${user}>${declared === 1 ? ` SIZE=${size}` : ''}\r\n`, /^250/)
await say('RCPT TO:<bob@example.com>\r\n', /^250/)
await say('DATA\r\n', /^354/)
const header = `From: ${user}\r\nTo: bob@example.com\r\n\r\n`
socket.write(header)
const line = Buffer.from(`${'x'.repeat(98)}\r\n`.repeat(650))
for (let left = size - header.length; left > 0; left -= line.length) {
  const piece = left >= line.length ? line : Buffer.from(`${'y'.repeat(Math.max(left, 2) - 2)}\r\n`)
  if (!socket.write(piece)) await once(socket, 'drain')
}
await say('.\r\n', /^250/)
socket.end('QUIT\r\n')

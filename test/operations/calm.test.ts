import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { control, startPostern, withFolder } from '../postern.ts'

/** A client that has sent its command and waits for the answer. */
async function session(
  port: number,
  login: string,
): Promise<{ send(text: string): void; until(end: RegExp): Promise<string>; rest(): Promise<string> }> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let heard = ''
  socket.on('data', (text: string) => (heard += text))
  const closed = once(socket, 'close')
  const until = async (end: RegExp) => {
    while (!end.test(heard)) await once(socket, 'data')
    return heard
  }
  await until(/^\* OK.*\r\n/)
  socket.write(`a ${login}\r\n`)
  await until(/^a OK/m)
  return {
    send: (text) => void socket.write(text),
    until,
    async rest() {
      await closed
      return heard
    },
  }
}

test('SIGTERM in the middle of a command: it is finished and answered, then BYE', async (t) => {
  const running = await startPostern(['demo', '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
  t.after(() => running.kill())
  const { imap, account } = running.ready
  const client = await session(imap.port, `LOGIN "${account.user}" "${account.password}"`)
  client.send('b SELECT INBOX\r\n')
  await client.until(/^b OK/m)
  // The change is under way at Gmail when the signal comes.
  await control(running.ready, 'fault', { method: 'messages.modify', delayMs: 1000 })
  await control(running.ready, 'fault', { method: 'messages.batchModify', delayMs: 1000 })
  client.send('c STORE 1 +FLAGS (\\Flagged)\r\n')
  for (;;) {
    const { methods } = (await control(running.ready, 'ledger')) as {
      methods: Record<string, { calls: number }>
    }
    if ((methods['messages.modify']?.calls ?? 0) + (methods['messages.batchModify']?.calls ?? 0) > 0) break
  }
  assert.equal(await running.stop(), 0)
  const heard = await client.rest()
  assert.match(heard, /^c OK/m)
  assert.match(heard, /\* BYE [^\r]*\r\n$/)
})

const isRoot = process.getuid?.() === 0
const skip = (process.platform === 'win32' || isRoot) && 'rights mean nothing to this user'
test('a data folder that cannot be written is said in one line', { skip }, async () => {
  await withFolder(async (dir) => {
    const data = join(dir, 'data')
    mkdirSync(data)
    chmodSync(data, 0o500)
    await assert.rejects(
      startPostern(['serve'], { POSTERN_DATA_DIR: data }),
      /\npostern: [^\n]*data[^\n]*\n$/,
    )
    chmodSync(data, 0o700)
  })
})

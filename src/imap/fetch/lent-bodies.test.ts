import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import { areGone, lend } from '#mail/lent-octets.ts'
import { openHouse, password, user, type House } from '../testing/house.ts'
import { RawClient } from '../testing/raw-client.ts'

const sizes = [10, 3000, 5000, 40_000, 300_000, 70_000, 2_000_000, 1, 4096, 255_000]
const messages = sizes.map((size, number) => ({ bytes: text(number, size) }))

/** Told from all others wherever one looks. */
function text(number: number, size: number): string {
  const word = createHash('sha256').update(String(number)).digest('hex')
  return `Subject: ${number}\r\n\r\n`.padEnd(size, `${word}\r\n`)
}

/** A house whose messages are lent, and all octets that were. */
async function openLending(): Promise<{ house: House; given: Buffer[] }> {
  const house = await openHouse({ mailboxes: [{ name: 'INBOX', role: 'inbox', messages }] })
  const given: Buffer[] = []
  house.mailstore.bodies = async function* (keys, signal) {
    for (const key of keys) {
      const kept = await house.mailstore.body(key, signal)
      const bytes = Buffer.allocUnsafeSlow(kept.length)
      kept.copy(bytes)
      given.push(bytes)
      yield [{ key, bytes, release: lend(bytes) }]
    }
  }
  return { house, given }
}

async function allGone(given: readonly Buffer[]): Promise<void> {
  assert.equal(given.length, sizes.length)
  // The socket says that it has the last of them a moment after the client has it.
  while (!given.every(areGone)) await setImmediate()
}

for (const secure of [false, true])
  test(`a client that stops reading gets every lent message whole, ${secure ? 'over TLS' : 'in clear'}`, async () => {
    const { house, given } = await openLending()
    await using _ = house
    using client = await RawClient.connect(
      { host: house.host, port: secure ? house.imapsPort : house.imapPort },
      secure,
    )
    await client.until(/\r\n/)
    client.send(`1 LOGIN ${user} "${password}"\r\n2 SELECT INBOX\r\n`)
    await client.until(/2 OK.*\r\n/)
    client.pause()
    client.send('3 FETCH 1:* (BODY.PEEK[] BODY.PEEK[TEXT]<0.5000>)\r\n')
    // What the sockets hold goes out; the rest waits for the client.
    for (let turn = 0; turn < 50; turn++) await setImmediate()
    client.resume()
    const answer = await client.until(/3 OK.*\r\n/)
    for (const [index, { bytes }] of messages.entries()) {
      const start = `* ${index + 1} FETCH (BODY[] {${bytes.length}}\r\n${bytes} BODY[TEXT]<0> `
      assert.ok(answer.includes(start), `message ${index + 1}`)
    }
    await allGone(given)
  })

test('a client that compresses gets every lent message whole', async () => {
  const { house, given } = await openLending()
  await using _ = house
  const client = new ImapFlow({
    host: house.host,
    port: house.imapPort,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX')
  const found = await client.fetchAll('1:*', { source: true })
  assert.deepEqual(
    found.map(({ source }) => source?.toString('latin1')),
    messages.map(({ bytes }) => bytes),
  )
  await client.logout()
  await allGone(given)
})

test('a client that goes in the middle leaves nothing wrong behind', async () => {
  const { house, given } = await openLending()
  await using _ = house
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/\r\n/)
  client.send(`1 LOGIN ${user} "${password}"\r\n2 SELECT INBOX\r\n`)
  await client.until(/2 OK.*\r\n/)
  client.pause()
  client.send('3 FETCH 1:*,1:* BODY.PEEK[]\r\n')
  while (given.length < 7) await setImmediate()
  client.reset()
  using next = await RawClient.connect({ host: house.host, port: house.imapPort })
  next.send(`1 LOGIN ${user} "${password}"\r\n2 SELECT INBOX\r\n3 FETCH 4 BODY.PEEK[TEXT]\r\n`)
  assert.match(await next.until(/3 OK.*\r\n/), /\* 4 FETCH \(BODY\[TEXT\] \{/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages as fixtures } from '#test/fixtures/messages.ts'
import { openPopHouse } from './testing/pop-house.ts'
import { topOf } from './top.ts'

const names = [...fixtures.keys()]
const mailboxes = [
  { name: 'INBOX', messages: names.map((name) => ({ bytes: fixtures.get(name) as Buffer })) },
]

/** A message as a multi-line answer can show it: the last line has its end. */
function shown(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  return text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`
}

test('RETR gives every fixture octet for octet, in the size that LIST says', async () => {
  await using house = await openPopHouse({ mailboxes })
  using client = await house.inside()
  const sizes = (await client.lines('LIST')).map((line) => Number(line.split(' ')[1]))
  for (const [index, name] of names.entries()) {
    const bytes = fixtures.get(name) as Buffer
    assert.equal(sizes[index], bytes.length, name)
    assert.equal(await client.ask(`RETR ${index + 1}`), `+OK ${bytes.length} octets`, name)
    assert.equal(await client.body(), shown(bytes), name)
  }
})

test('TOP with more lines than there are gives every fixture whole, and TOP 3 a beginning of it', async () => {
  await using house = await openPopHouse({ mailboxes })
  using client = await house.inside()
  for (const [index, name] of names.entries()) {
    const bytes = fixtures.get(name) as Buffer
    assert.equal(await client.text(`TOP ${index + 1} 99999999`), shown(bytes), name)
    assert.equal(await client.text(`TOP ${index + 1} 3`), shown(topOf(bytes, 3)), name)
  }
})

test('RETR over TLS gives the same', async () => {
  await using house = await openPopHouse({ mailboxes })
  using client = await house.client(true)
  await client.logIn('ada@bridge.test', 'abcd efgh ijkl mnop')
  client.raw.send(names.map((_, index) => `RETR ${index + 1}\r\n`).join(''))
  for (const name of names) {
    assert.match(await client.line(), /^\+OK/)
    assert.equal(await client.body(), shown(fixtures.get(name) as Buffer), name)
  }
})

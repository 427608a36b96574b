import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openPopHouse, user } from './testing/pop-house.ts'
import type { PopHouse } from './testing/pop-house.ts'

const dayMs = 24 * 3600 * 1000

function inbox(count: number, date?: (index: number) => number) {
  const messages = Array.from({ length: count }, (_, index) => ({
    bytes: `Subject: ${index + 1}\r\n\r\nText ${index + 1}\r\n`,
    ...(date === undefined ? {} : { internalDate: date(index + 1) }),
  }))
  return [{ name: 'INBOX', messages }]
}

/** The subjects that a session sees; it retrieves them all and leaves with QUIT. */
async function popAll(house: PopHouse, name?: string): Promise<number[]> {
  using client = await house.inside(name)
  const subjects: number[] = []
  for (const line of await client.lines('LIST')) {
    const text = await client.text(`RETR ${line.split(' ')[0]}`)
    subjects.push(Number(/Subject: (\d+)/.exec(text)?.[1]))
  }
  await client.ask('QUIT')
  return subjects
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

test('a session sees a batch, oldest first, and the next one goes on', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(1250), server: { batch: 500 } })
  assert.deepEqual(await popAll(house), range(1, 500))
  assert.deepEqual(await popAll(house), range(501, 1000))
  assert.deepEqual(await popAll(house), range(1001, 1250))
  assert.deepEqual(await popAll(house), [])
  house.mailstore.deliver('INBOX', { bytes: 'Subject: 9\r\n\r\n' })
  assert.deepEqual(await popAll(house), [9])
})

test('batch 0 is no bound', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(2100), server: { batch: 0 } })
  using client = await house.inside()
  assert.deepEqual(
    (await client.lines('UIDL')).map((line) => Number(line.split(' ')[0])),
    range(1, 2100),
  )
})

test('where nothing is withdrawn the newest batch is on offer, still oldest first', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(30), server: { batch: 10, poppedOnce: false } })
  assert.deepEqual(await popAll(house), range(21, 30))
  assert.deepEqual(await popAll(house), range(21, 30))
})

test('recent: is the last 30 days, whatever was popped', async () => {
  const now = Date.now()
  const mailboxes = inbox(40, (number) => now - (40 - number) * dayMs - 1000)
  await using house = await openPopHouse({ mailboxes })
  assert.deepEqual(await popAll(house), range(1, 40))
  assert.deepEqual(await popAll(house, `recent:${user}`), range(11, 40))
  assert.deepEqual(await popAll(house, `RECENT:${user}`), range(11, 40))
})

test('recent: does not read through old mail behind what is recent', async () => {
  const now = Date.now()
  const mailboxes = inbox(3000, (number) => (number > 2900 ? now : now - 400 * dayMs))
  await using house = await openPopHouse({ mailboxes })
  let asked = 0
  const known = house.mailstore.known.bind(house.mailstore)
  house.mailstore.known = (keys) => {
    asked += keys.length
    return known(keys)
  }
  assert.deepEqual(await popAll(house, `recent:${user}`), range(2901, 3000))
  assert.ok(asked <= 1500, `${asked} were asked for`)
})

test('where no size is known yet, the first messages are read before the login is answered, and the rest ahead', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(60) })
  const { mailstore, keeper } = house
  mailstore.forget()
  assert.deepEqual(await popAll(house), range(1, 20))
  assert.deepEqual(
    keeper.prefetched[0],
    range(21, 60).map((number) => mailstore.keyOf('INBOX', number)),
  )
})

test('only messages whose size is known are on offer; the others are read ahead', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(6) })
  const { mailstore, keeper } = house
  mailstore.forget()
  mailstore.deliver('INBOX', { bytes: 'Subject: 7\r\n\r\n' })
  assert.deepEqual(await popAll(house), [7])
  assert.equal(keeper.prefetched[0]?.length, 6)
})

test('what does not come in time is left for the next session', async () => {
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal),
  }
  await using house = await openPopHouse({ mailboxes: inbox(5), server: { clock } })
  const { mailstore, keeper } = house
  mailstore.forget()
  const third = mailstore.keyOf('INBOX', 3)
  mailstore.gate = (key) => (key === third ? new Promise(() => {}) : Promise.resolve())
  using client = await house.inside()
  assert.match(await client.ask('STAT'), /^\+OK 2 /)
  assert.deepEqual(
    keeper.prefetched[0],
    range(3, 5).map((number) => mailstore.keyOf('INBOX', number)),
  )
})

test('a mailbox that takes too long to list is refused for now', async () => {
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 500, signal),
  }
  await using house = await openPopHouse({ server: { clock } })
  house.mailstore.openGate = () => new Promise(() => {})
  using client = await house.client()
  await client.ask(`USER ${user}`)
  assert.match(await client.ask('PASS abcd efgh ijkl mnop'), /^-ERR \[SYS\/TEMP\] Gmail is still listing/)
  assert.equal(house.mailstore.attached, 0)
})

test('trouble at login is told, unless there is something to serve', async () => {
  await using house = await openPopHouse({ mailboxes: inbox(5) })
  house.mailstore.forget()
  const second = house.mailstore.keyOf('INBOX', 2)
  house.mailstore.gate = (key) =>
    key === second ? Promise.reject(new MailError('throttled', 'Too much')) : Promise.resolve()
  using client = await house.inside()
  assert.match(await client.ask('STAT'), /^\+OK 1 /)
  house.mailstore.trouble = new MailError('throttled', 'The quota is used up')
  using other = await house.client()
  await other.ask(`USER ${user}`)
  assert.equal(await other.ask('PASS abcd efgh ijkl mnop'), '-ERR [SYS/TEMP] The quota is used up')
})

test('the same message has the same unique id in every mailbox', async () => {
  await using house = await openPopHouse({
    mailboxes: [
      {
        name: 'INBOX',
        messages: [{ bytes: 'Subject: a\r\n\r\n' }, { bytes: 'Subject: b\r\n\r\n', labels: ['Work/Now'] }],
      },
      { name: 'Work/Now' },
    ],
  })
  using one = await house.inside()
  using two = await house.inside(`${user}/Work/Now`)
  const [, inInbox] = await one.lines('UIDL')
  const [inLabel] = await two.lines('UIDL')
  assert.equal(inInbox?.split(' ')[1], inLabel?.split(' ')[1])
  assert.match(inLabel ?? '', /^1 GmailId[0-9a-f]+$/)
})

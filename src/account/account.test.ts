import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import type { MessageKey } from '#mail/ids.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import { never, openHouse, prepareGround } from './testing/house.ts'
import { assertTruth, contents } from './testing/truth.ts'

const limit = { timeout: 180_000 }
const fixtures = join(import.meta.dirname, '../../test/fixtures/messages')

test(
  'a first sync costs a page per 500 of each label and few units more, and reads no message',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    for (let n = 0; n < 501; n++)
      await control.deliver(`m${n}`, {
        labels: ['INBOX', ...(n % 2 ? ['UNREAD'] : []), ...(n % 7 ? [] : ['Work/Lists'])],
      })
    await control.deliver('in the trash', { labels: ['TRASH', 'STARRED', 'Work'] })
    await control.deliver('starred', { labels: ['STARRED', 'Work'] })
    await control.deliver('spam', { labels: ['SPAM', 'UNREAD'] })
    await control.do('reset')
    const house = await openHouse(ground)
    await house.until(({ phase }) => phase === 'live')
    const spent = await control.spent()
    assert.equal(spent.calls('messages.get'), 0)
    // INBOX 2 pages, All Mail 2, UNREAD 1, and one each of STARRED, Work, Work/Lists, TRASH, SPAM.
    const pages = 2 + 2 + 1 + 5
    assert.ok(spent.units <= 5 * pages + 20, spent.text)
    assert.equal(house.account.state().messages, 504)
    await assertTruth(house, control)
    assert.equal(house.account.state().mailboxes.whole, house.account.state().mailboxes.total)
  },
)

test('UIDs are given in the order in which messages arrived, whatever their dates say', limit, async (t) => {
  const ground = await prepareGround(t)
  const ids: string[] = []
  for (let n = 0; n < 20; n++)
    ids.push(await ground.control.deliver(`m${n}`, { date: Date.UTC(2020, 0, ((n * 7) % 20) + 1) }))
  const house = await openHouse(ground)
  await house.until(({ phase }) => phase === 'live')
  const inbox = await contents(house, 'INBOX')
  assert.deepEqual(
    ids.map((id) => inbox.get(id)?.uid),
    ids.map((_, index) => index + 1),
  )
})

test(
  'body() gives every fixture octet for octet, line ends as CRLF, and the size is its length',
  limit,
  async (t) => {
    const ground = await prepareGround(t, { mail: fixtures })
    const house = await openHouse(ground)
    await house.until(({ phase }) => phase === 'live')
    const { mailstore } = house.account
    const inbox = await house.snapshot('INBOX')
    const names = readdirSync(fixtures)
      .filter((name) => name.endsWith('.eml'))
      .sort()
    assert.equal(inbox.uids.length, names.length)
    const keys = [...inbox.keys] as MessageKey[]
    const sizes = new Map<MessageKey, number>()
    for await (const batch of mailstore.records(keys, 'header', never))
      for (const record of batch) sizes.set(record.key, record.summary.sizeBytes)
    for (const [index, name] of names.entries()) {
      const key = keys[index] as MessageKey
      const expected = canonicalLineEnds(readFileSync(join(fixtures, name)))
      const bytes = await mailstore.body(key, never)
      assert.ok(bytes.equals(expected), name)
      assert.equal(sizes.get(key), bytes.length, name)
    }
    const spent = await ground.control.spent()
    assert.equal(spent.calls('messages.get'), names.length, 'one get for records and bodies together')
  },
)

test('three mailboxes, two readers and the hydration share one get', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 40; n++) await ground.control.deliver(`m${n}`, { labels: ['INBOX', 'UNREAD', 'Work'] })
  await ground.control.do('latency', { ms: 5 })
  const house = await openHouse(ground, { prefetch: 'all' })
  const { mailstore } = house.account
  const read = async (name: string) => {
    const { keys } = await house.snapshot(name)
    let count = 0
    for await (const batch of mailstore.records([...keys] as MessageKey[], 'summary', never))
      count += batch.length
    return count
  }
  const bodies = async (name: string) => {
    const { keys } = await house.snapshot(name)
    let count = 0
    for await (const batch of mailstore.bodies([...keys] as MessageKey[], never))
      count += batch.filter(({ bytes }) => bytes.length > 0).length
    return count
  }
  const counts = await Promise.all([read('INBOX'), bodies('Work'), read('[Gmail]/All Mail'), bodies('INBOX')])
  assert.deepEqual(counts, [40, 40, 40, 40])
  await house.until(({ hydrated }) => hydrated === 40)
  const spent = await ground.control.spent()
  assert.equal(spent.calls('messages.get'), 40)
})

test(
  'a restart reads nothing again, keeps the UIDs, and a poll without news costs 2 units',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    for (let n = 0; n < 30; n++) await ground.control.deliver(`m${n}`)
    const first = await openHouse(ground, { prefetch: 'all' })
    await first.until(({ hydrated, phase }) => hydrated === 30 && phase === 'live')
    const before = await contents(first, 'INBOX')
    const { uidValidity } = await first.snapshot('INBOX')
    await first.close()
    await ground.control.do('reset')

    const second = await openHouse(ground, { prefetch: 'all' })
    await second.until(({ lastPollAt }) => lastPollAt !== undefined)
    assert.deepEqual(await contents(second, 'INBOX'), before)
    assert.equal((await second.snapshot('INBOX')).uidValidity, uidValidity)
    const { keys } = await second.snapshot('INBOX')
    assert.equal((await second.account.mailstore.known([...keys] as MessageKey[])).size, 30)
    for await (const batch of second.account.mailstore.bodies([...keys] as MessageKey[], never))
      assert.ok(batch.every(({ bytes }) => bytes.length > 0))
    const spent = await ground.control.spent()
    assert.equal(spent.units, 2, spent.text)
  },
)

test('status counts, and knows the size of a mailbox once all of it was read', limit, async (t) => {
  const ground = await prepareGround(t)
  await ground.control.deliver('read', { labels: ['INBOX'] })
  await ground.control.deliver('unread')
  const house = await openHouse(ground)
  const { mailstore } = house.account
  const { id } = await house.mailbox('INBOX')
  assert.ok(id)
  const before = await mailstore.status(id, never)
  assert.deepEqual([before.messages, before.unseen, before.deleted, before.sizeBytes], [2, 1, 0, undefined])
  assert.equal(before.uidNext, 3)
  const { keys } = await house.snapshot('INBOX')
  let size = 0
  for await (const batch of mailstore.bodies([...keys] as MessageKey[], never))
    for (const { bytes } of batch) size += bytes.length
  await house.until(({ hydrated }) => hydrated === 2)
  assert.equal((await mailstore.status(id, never)).sizeBytes, size)
})

test('a client that waits for a mailbox gets it before All Mail is listed', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 12; n++) await ground.control.deliver('other', { labels: [`Label ${n}`] })
  await ground.control.deliver('wanted', { labels: ['Zebra'] })
  // There are 16 pages; the first six are to be had.
  await ground.control.do('fault', { method: 'messages.list', skip: 6, count: 1000, status: 503 })
  const house = await openHouse(ground)
  const { mailstore } = house.account
  const zebra = await house.mailbox('Zebra')
  assert.ok(zebra.id)
  const open = await mailstore.open(zebra.id, never)
  assert.equal(open.snapshot().uids.length, 1)
  open.close()
})

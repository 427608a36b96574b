import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { MessageKey } from '#mail/ids.ts'
import { hurriedClock, never, openHouse, prepareGround } from './testing/house.ts'
import type { House, TestGround } from './testing/house.ts'
import { assertTruth, caughtUp, contents, gmailState } from './testing/truth.ts'

const limit = { timeout: 180_000 }

/** A live account with a client attached, which polls ten times a second. */
async function live(
  t: TestContext,
  messages = 3,
  options: Parameters<typeof openHouse>[1] = {},
): Promise<{ ground: TestGround; house: House; ids: string[] }> {
  const ground = await prepareGround(t)
  const ids: string[] = []
  for (let n = 0; n < messages; n++) ids.push(await ground.control.deliver(`m${n}`))
  const house = await openHouse(ground, { clock: hurriedClock(50), ...options })
  house.account.mailstore.attach()
  await house.until(({ phase }) => phase === 'live')
  return { ground, house, ids }
}

test('new mail arrives in an open mailbox, and is read ahead with one get', limit, async (t) => {
  const { ground, house } = await live(t, 2, { prefetch: 'all' })
  await house.until(({ hydrated }) => hydrated === 2)
  const { mailstore } = house.account
  const { id } = await house.mailbox('INBOX')
  assert.ok(id)
  const open = await mailstore.open(id, never)
  const before = open.snapshot()
  const changed = new Promise<string>((resolve) => open.onChange(resolve))
  await ground.control.do('reset')
  await ground.control.deliver('news')
  assert.equal(await changed, 'changed')
  const after = open.snapshot()
  assert.equal(before.uids.length, 2, 'the old snapshot stays as it was')
  assert.deepEqual([...after.uids], [1, 2, 3])
  assert.ok(after.highestModSeq > before.highestModSeq)
  await house.until(({ hydrated }) => hydrated === 3)
  assert.equal((await mailstore.body(after.keys[2] as MessageKey, never)).includes('Subject: news'), true)
  assert.equal((await ground.control.spent()).calls('messages.get'), 1)
  open.close()
})

test('labels that change elsewhere move messages; one that returns gets a new UID', limit, async (t) => {
  const { ground, house, ids } = await live(t, 3)
  const { control } = ground
  const [a, b, c] = ids
  await control.do('labels', { ids: [a], add: ['STARRED', 'Work'], remove: ['UNREAD'] })
  await control.do('labels', { ids: [b], remove: ['INBOX'] })
  await control.do('labels', { ids: [c], add: ['TRASH'] })
  await caughtUp(house, control)
  await assertTruth(house, control)
  assert.equal((await contents(house, 'Work')).get(a ?? '')?.flags, '\\Flagged \\Seen')
  const { uids } = await house.snapshot('INBOX')
  assert.deepEqual([...uids], [1])
  await control.do('labels', { ids: [b], add: ['INBOX'] })
  await control.do('labels', { ids: [c], remove: ['TRASH'] })
  await caughtUp(house, control)
  await assertTruth(house, control)
  const inbox = await contents(house, 'INBOX')
  assert.deepEqual([inbox.get(a ?? '')?.uid, inbox.get(b ?? '')?.uid, inbox.get(c ?? '')?.uid], [1, 4, 5])
  const { id } = await house.mailbox('INBOX')
  assert.ok(id)
  assert.deepEqual(await house.account.mailstore.vanished(id, 1 as never), [2, 3])
})

test('a message that comes out of Trash is in all its labels again', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  const id = await control.deliver('m', { labels: ['TRASH', 'Work', 'STARRED'] })
  const house = await openHouse(ground, { clock: hurriedClock(50) })
  house.account.mailstore.attach()
  await house.until(({ phase }) => phase === 'live')
  assert.equal((await house.snapshot('Work')).uids.length, 0)
  await control.do('reset')
  await control.do('labels', { ids: [id], remove: ['TRASH'] })
  await caughtUp(house, control)
  await assertTruth(house, control)
  assert.equal((await house.snapshot('Work')).uids.length, 1)
  assert.equal((await control.spent()).calls('messages.get'), 0, 'history tells the labels')
})

test('where history tells no labels a get does, once', limit, async (t) => {
  const { ground, house, ids } = await live(t, 2, { prefetch: 'all' })
  const { control } = ground
  await house.until(({ hydrated }) => hydrated === 2)
  await control.do('quirks', { historyWithoutLabels: true, emptyHistoryPages: true })
  await control.do('reset')
  await control.deliver('new', { labels: ['INBOX', 'STARRED', 'Fresh'] })
  await control.do('labels', { ids: [ids[0]], add: ['Fresh'] })
  await control.do('delete', { ids: [ids[1]] })
  await caughtUp(house, control)
  await assertTruth(house, control)
  await house.until(({ hydrated, messages }) => messages === 2 && hydrated === 2)
  assert.equal((await control.spent()).calls('messages.get'), 1)
})

test(
  'a renamed label keeps its UIDs, a deleted one goes, one made anew has a new UIDVALIDITY',
  limit,
  async (t) => {
    const { ground, house, ids } = await live(t, 2, { clock: hurriedClock(500), pollSeconds: 50 })
    const { control } = ground
    await control.do('labels', { ids, add: ['Old name', 'Doomed'] })
    await caughtUp(house, control)
    const before = await house.snapshot('Old name')
    const doomed = await house.mailbox('Doomed')
    assert.ok(doomed.id)
    const open = await house.account.mailstore.open(doomed.id, never)
    const wasDoomed = open.snapshot()
    const gone = new Promise<string>((resolve) => open.onChange(resolve))
    await control.do('renameLabel', { label: 'Old name', name: 'New/name' })
    await control.do('deleteLabel', { label: 'Doomed' })
    // Labels are read again after five minutes, not a second on this clock.
    assert.equal(await gone, 'gone')
    const after = await house.snapshot('New/name')
    assert.deepEqual([after.uidValidity, [...after.uids]], [before.uidValidity, [...before.uids]])
    const parent = await house.mailbox('New')
    assert.deepEqual([parent.selectable, parent.hasChildren], [false, true])
    await assert.rejects(house.mailbox('Doomed'))
    await control.do('labels', { ids, add: ['Doomed'] })
    await caughtUp(house, control)
    const again = await house.snapshot('Doomed')
    assert.ok(again.uidValidity > wasDoomed.uidValidity)
    assert.notEqual(again.mailbox, wasDoomed.mailbox)
    assert.deepEqual([...again.uids], [1, 2])
    await assertTruth(house, control)
  },
)

test('a ghost is left out once it was asked for, everybody else is there', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  const ids = [await control.deliver('a'), await control.deliver('ghost'), await control.deliver('c')]
  await control.do('quirks', { ghosts: [ids[1]] })
  const house = await openHouse(ground)
  await house.until(({ phase }) => phase === 'live')
  const { keys } = await house.snapshot('INBOX')
  assert.equal(keys.length, 3)
  const read: string[] = []
  for await (const batch of house.account.mailstore.records([...keys] as MessageKey[], 'summary', never))
    read.push(...batch.map(({ summary }) => summary.subject))
  assert.deepEqual(read.sort(), ['a', 'c'])
  assert.deepEqual([...(await house.snapshot('INBOX')).uids], [1, 3])
  await assert.rejects(house.account.mailstore.body(keys[1] as MessageKey, never), { code: 'expunged' })
})

test('new mail that cannot be read yet is not taken for a ghost', limit, async (t) => {
  const { ground, house } = await live(t, 1, { prefetch: 'all', clock: hurriedClock(10), pollSeconds: 1 })
  const { control } = ground
  await house.until(({ hydrated }) => hydrated === 1)
  await control.do('quirks', { readableLagMs: 500 })
  await control.deliver('slow')
  await house.until(({ messages, hydrated }) => messages === 2 && hydrated === 2)
  assert.equal((await house.snapshot('INBOX')).uids.length, 2)
  await control.do('quirks', { historyWithoutLabels: true })
  await control.deliver('slow and without labels')
  await house.until(({ messages, hydrated }) => messages === 3 && hydrated === 3)
  await caughtUp(house, control)
  await assertTruth(house, control)
})

test(
  'what history left open is asked once, however long another message cannot be read',
  limit,
  async (t) => {
    const { ground, house } = await live(t, 1, { prefetch: 'all', clock: hurriedClock(10), pollSeconds: 1 })
    const { control } = ground
    await house.until(({ hydrated }) => hydrated === 1)
    await control.do('quirks', { historyWithoutLabels: true, readableLagMs: 1e9 })
    const ghost = await control.deliver('ghost')
    await control.do('quirks', { ghosts: [ghost], readableLagMs: 0 })
    await control.deliver('came without labels')
    await house.until(({ hydrated }) => hydrated === 2)
    await control.spent()
    let polls = 0
    let gets = 0
    while (polls < 12) {
      const spent = await control.spent()
      polls += spent.calls('history.list')
      gets += spent.calls('messages.get')
    }
    // The ghost is asked for after one second, two, four and eight.
    assert.ok(gets < 8, `${gets} gets in ${polls} polls`)
    assert.equal((await house.snapshot('INBOX')).uids.length, 2)
  },
)

test('labels on messages that no list knows are no mailbox and no trouble', limit, async (t) => {
  const { ground, house } = await live(t, 1)
  const { control } = ground
  await control.do('labels', { ids: [await control.deliver('m')], add: ['Secret'] })
  await caughtUp(house, control)
  const secret = (await gmailState(control)).labels.find(({ name }) => name === 'Secret')?.id
  await control.do('quirks', { unlistedLabels: [secret] })
  await control.do('reset')
  await control.deliver('another', { labels: ['INBOX', 'Secret'] })
  await control.deliver('one more', { labels: ['INBOX', 'Secret'] })
  await caughtUp(house, control)
  assert.equal((await house.snapshot('INBOX')).uids.length, 4)
})

test('hundreds of changes while a client watches end in the same state', limit, async (t) => {
  const { ground, house } = await live(t, 0)
  const { control } = ground
  const ids: string[] = []
  for (let n = 0; n < 60; n++) ids.push(await control.deliver(`m${n}`))
  for (let n = 0; n < 40; n++) {
    const some = ids.filter((_, index) => index % 7 === n % 7)
    const [add, remove] = [
      ['STARRED', 'Work', 'TRASH', 'INBOX'],
      ['UNREAD', 'INBOX', 'STARRED', 'TRASH'],
    ]
    await control.do('labels', { ids: some, add: [add[n % 4]], remove: [remove[n % 4]] })
  }
  await control.do('delete', { ids: ids.slice(0, 5) })
  await caughtUp(house, control)
  await assertTruth(house, control)
})

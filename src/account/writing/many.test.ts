import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageKey } from '#mail/ids.ts'
import { buildHouse, never } from '../testing/house.ts'
import { assertTruth, caughtUp, contents } from '../testing/truth.ts'
import { deskOf, openDesk } from './testing/desk.ts'
import type { Desk } from './testing/desk.ts'

const limit = { timeout: 180_000 }

async function deliverMany(desk: Desk, count: number): Promise<void> {
  for (let n = 0; n < count; n += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - n) }, (_, i) =>
        desk.control.do('deliver', { text: `Subject: ${n + i}\n\n.\n`, labels: ['INBOX'] }),
      ),
    )
  const leave = desk.house.account.mailstore.attach()
  await caughtUp(desk.house, desk.control)
  leave()
}

function unitsOf(messages: number): number {
  return 50 * Math.floor(messages / 1000) + Math.min(5 * (messages % 1000), 50)
}

test('k moves, flags and expunges cost 50 * floor(k / 1000) + min(5r, 50) units', limit, async (t) => {
  const desk = await openDesk(t, [['Work']], { expunge: 'archive' })
  await deliverMany(desk, 2500)
  const { mailstore } = desk.house.account
  const inbox = await desk.idOf('INBOX')
  const work = await desk.idOf('Work')
  await desk.control.spent()
  for (const count of [1, 9, 10, 11, 1000, 1001, 2500]) {
    const keys = (await desk.keys('INBOX')).slice(0, count)
    const change = { bits: 2, keywords: [] }
    await mailstore.changeFlags(inbox, keys, { mode: 'add', ...change }, never)
    assert.equal((await desk.control.spent()).unitsBesidesPolls, unitsOf(count), `${count} flags`)
    const { from, to } = await mailstore.move(inbox, keys, work, never)
    assert.deepEqual([from.length, to.length], [count, count])
    assert.ok(to.every((uid, index) => index === 0 || uid > (to[index - 1] as number)))
    assert.equal((await desk.control.spent()).unitsBesidesPolls, unitsOf(count), `${count} moves`)
    await mailstore.copy(work, keys, inbox, never)
    await mailstore.changeFlags(inbox, keys, { mode: 'remove', ...change }, never)
    await desk.control.spent()
    await mailstore.expunge(work, keys, never)
    assert.equal((await desk.control.spent()).unitsBesidesPolls, unitsOf(count), `${count} expunges`)
  }
  await desk.echo()
})

test('two clients of one account see each other’s moves, the mailboxes agree', limit, async (t) => {
  const desk = await openDesk(t, [['Work'], ...Array.from({ length: 40 }, () => ['INBOX'])])
  const { mailstore } = desk.house.account
  const [inbox, work] = [await desk.idOf('INBOX'), await desk.idOf('Work')]
  const watched = await mailstore.open(work, never)
  const before = watched.snapshot()
  const changed = new Promise((resolve) => watched.onChange(resolve))
  const keys = await desk.keys('INBOX')
  const half = keys.slice(0, 20)
  const [one, other] = await Promise.all([
    mailstore.move(inbox, keys.slice(0, 25), work, never),
    mailstore.move(inbox, keys.slice(15), work, never),
    mailstore.changeFlags(inbox, half, { mode: 'add', bits: 2, keywords: ['k'] }, never),
  ])
  assert.equal(await changed, 'changed')
  assert.equal(before.uids.length, 1)
  assert.equal(watched.snapshot().uids.length, 41)
  assert.equal(new Set([...one.from, ...other.from]).size, 40)
  assert.equal((await contents(desk.house, 'INBOX')).size, 0)
  watched.close()
  await desk.echo()
})

test('UNCHANGEDSINCE spares what was modified since, in the message or in the mailbox', limit, async (t) => {
  const desk = await openDesk(t, [['INBOX'], ['INBOX', 'Work'], ['INBOX']])
  const { mailstore } = desk.house.account
  const [inbox, work, keys] = [await desk.idOf('INBOX'), await desk.idOf('Work'), await desk.keys('INBOX')]
  const { highestModSeq } = await desk.house.snapshot('INBOX')
  const [first, second, third] = keys as [MessageKey, MessageKey, MessageKey]
  await mailstore.changeFlags(inbox, [first], { mode: 'add', bits: 16, keywords: [] }, never)
  await mailstore.changeFlags(work, [second], { mode: 'add', bits: 2, keywords: [] }, never)
  await desk.control.spent()
  const change = { mode: 'add', bits: 8 | 32, keywords: [], unchangedSince: highestModSeq } as const
  assert.deepEqual(await mailstore.changeFlags(inbox, keys, change, never), [first, second])
  assert.equal((await desk.control.spent()).units, 5)
  const flags = [...(await contents(desk.house, 'INBOX')).values()].map((one) => one.flags)
  assert.deepEqual(flags, ['\\Deleted \\Seen', '\\Flagged \\Seen', '\\Answered \\Seen $Important'])
  assert.ok(keys.includes(third))
})

test(
  'after an end between Gmail’s yes and the commit, history does what was to be done',
  limit,
  async (t) => {
    const desk = await openDesk(t, [['Work'], ...Array.from({ length: 30 }, () => ['INBOX'])])
    const uids = [...(await desk.house.snapshot('Work')).uids]
    // Gmail does it, the answer is an error until patience ends; meanwhile the account closes.
    const fault = { method: 'messages.batchModify', status: 503, when: 'after', count: 1000 }
    await desk.control.do('fault', fault)
    const moving = desk.transfer('move', 'INBOX', undefined, 'Work').then(
      () => 'moved',
      () => 'failed',
    )
    const done = async (): Promise<void> => {
      if ((await desk.labels(desk.ids[30] ?? '')) === 'INBOX') await done()
    }
    await done()
    await desk.house.close()
    assert.equal(await moving, 'failed')
    const house = await buildHouse(desk.ground)
    desk.ground.houses.push(house)
    house.account.start()
    await caughtUp(house, desk.control)
    await assertTruth(house, desk.control)
    const work = await house.snapshot('Work')
    assert.equal(work.uids.length, 31)
    assert.deepEqual([...work.uids].slice(0, 1), uids)
    assert.equal((await contents(house, 'INBOX')).size, 0)
    await desk.control.do('clearFaults')
    await deskOf(desk.ground, house).transfer('move', 'Work', undefined, 'INBOX')
    assert.deepEqual([...(await house.snapshot('INBOX')).uids].slice(0, 2), [31, 32])
  },
)

test('of a move that fails half-way, what Gmail did is committed', limit, async (t) => {
  const desk = await openDesk(t, [['Work'], ...Array.from({ length: 4 }, () => ['INBOX'])])
  await desk.control.do('fault', { method: 'messages.modify', skip: 2, status: 400 })
  await assert.rejects(desk.transfer('move', 'INBOX', undefined, 'Work'), { code: 'cannot' })
  assert.equal((await contents(desk.house, 'Work')).size, 4)
  assert.equal((await contents(desk.house, 'INBOX')).size, 1)
  await desk.echo()
})

test('a lost answer to a move is no loss: it is asked again', limit, async (t) => {
  for (const when of ['before', 'after']) {
    const desk = await openDesk(t, [['Work'], ['INBOX']])
    await desk.control.do('fault', { method: 'messages.modify', drop: true, when })
    const { to } = await desk.transfer('move', 'INBOX', undefined, 'Work')
    assert.deepEqual(to, [2])
    await desk.echo()
  }
})

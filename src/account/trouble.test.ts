import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GrantError } from '#mail/errors.ts'
import type { MessageKey } from '#mail/ids.ts'
import { hurriedClock, never, openHouse, prepareGround } from './testing/house.ts'
import { assertTruth, caughtUp, contents } from './testing/truth.ts'

const limit = { timeout: 180_000 }

test(
  'a history that Gmail has forgotten is made up for, and all who stay keep their UIDs',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    const ids: string[] = []
    for (let n = 0; n < 12; n++)
      ids.push(await control.deliver(`m${n}`, { labels: ['INBOX', 'UNREAD', 'Work'] }))
    const first = await openHouse(ground, { prefetch: 'all' })
    await first.until(({ phase, hydrated }) => phase === 'live' && hydrated === 12)
    const before = await contents(first, 'INBOX')
    const { uidValidity } = await first.snapshot('INBOX')
    await first.close()

    await control.do('delete', { ids: ids.slice(0, 2) })
    await control.do('labels', { ids: ids.slice(2, 4), add: ['TRASH'] })
    await control.do('labels', { ids: ids.slice(4, 6), remove: ['INBOX', 'UNREAD'], add: ['STARRED'] })
    await control.do('labels', { ids: ids.slice(6, 7), add: ['Later'], remove: ['Work'] })
    await control.deliver('new')
    await control.do('expireHistory')
    await control.do('reset')
    const house = await openHouse(ground, { prefetch: 'all' })
    await house.until(
      ({ phase, hydrated, messages, lastPollAt }) =>
        phase === 'live' && lastPollAt !== undefined && hydrated === messages,
    )
    await assertTruth(house, control)
    const after = await contents(house, 'INBOX')
    for (const id of ids.slice(6)) assert.equal(after.get(id)?.uid, before.get(id)?.uid)
    assert.equal((await house.snapshot('INBOX')).uidValidity, uidValidity)
    const spent = await control.spent()
    assert.equal(spent.calls('messages.get'), 1, 'only the new one is read')
  },
)

test(
  'a message in Trash and another label at once is shown in Trash alone after a relisting',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    const id = await control.deliver('m', { labels: ['INBOX', 'STARRED', 'IMPORTANT', 'Work'] })
    const first = await openHouse(ground)
    await first.until(({ phase }) => phase === 'live')
    await first.close()
    await control.do('labels', { ids: [id], add: ['TRASH'] })
    await control.do('expireHistory')
    const house = await openHouse(ground)
    await house.until(({ phase, lastPollAt }) => phase === 'live' && lastPollAt !== undefined)
    await assertTruth(house, control)
  },
)

test('a storm of 429 and a spell of 503 delay the first sync and no more', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  for (let n = 0; n < 5; n++) await control.deliver(`m${n}`)
  await control.do('fault', { method: 'messages.list', count: 3, status: 429, reason: 'rateLimitExceeded' })
  await control.do('fault', { method: 'messages.list', count: 3, status: 503 })
  await control.do('fault', { method: 'history.list', count: 1, drop: true })
  const house = await openHouse(ground)
  await house.until(({ phase }) => phase === 'live')
  await assertTruth(house, control)
})

test('answers that make no sense end no loop: the step is made again', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  await control.deliver('m')
  await control.do('fault', { method: 'labels.list', count: 1, status: 400, reason: 'badRequest' })
  await control.do('fault', { method: 'messages.list', count: 2, status: 404, reason: 'notFound' })
  const house = await openHouse(ground, { clock: hurriedClock(20) })
  await house.until(({ phase }) => phase === 'live')
  await assertTruth(house, control)
})

test(
  'a grant that ends is told with where to reconnect, what is here is served, and it recovers',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    await control.deliver('read')
    await control.deliver('not read')
    const house = await openHouse(ground, { clock: hurriedClock(100) })
    const { mailstore } = house.account
    mailstore.attach()
    await house.until(({ phase }) => phase === 'live')
    const { keys } = await house.snapshot('INBOX')
    const [read, unread] = [...keys] as [MessageKey, MessageKey]
    const bytes = await mailstore.body(read, never)
    await control.do('refuseRefresh', { kind: 'invalid_grant' })
    await control.do('revoke')
    const { alert } = await house.until((state) => state.alert !== undefined)
    assert.match(alert ?? '', /run postern account add/)
    assert.equal(mailstore.alert, alert)
    assert.ok((await mailstore.body(read, never)).equals(bytes))
    await assert.rejects(mailstore.body(unread, never), GrantError)
    const { refreshToken } = await control.do<{ refreshToken: string }>('grant')
    await control.do('refuseRefresh', { kind: null })
    house.renewGrant(refreshToken)
    await house.until((state) => state.alert === undefined)
    await control.deliver('afterwards')
    await caughtUp(house, control)
    await assertTruth(house, control)
  },
)

test('a reader that aborts hears its own reason, and the account goes on', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  await control.deliver('m')
  const house = await openHouse(ground)
  await house.until(({ phase }) => phase === 'live')
  const { keys } = await house.snapshot('INBOX')
  await control.do('fault', { method: 'messages.get', count: 1, delayMs: 2000 })
  const reader = new AbortController()
  const body = house.account.mailstore.body(keys[0] as MessageKey, reader.signal)
  reader.abort(new Error('the client left'))
  await assert.rejects(body, { message: 'the client left' })
  await control.do('clearFaults')
  assert.ok((await house.account.mailstore.body(keys[0] as MessageKey, never)).length > 0)
})

test('closing in the middle of everything is quick and leaves a store that opens', limit, async (t) => {
  const ground = await prepareGround(t)
  const { control } = ground
  for (let n = 0; n < 30; n++) await control.deliver(`m${n}`)
  await control.do('latency', { ms: 30 })
  const first = await openHouse(ground, { prefetch: 'all' })
  await first.until(({ hydrated }) => hydrated > 0)
  await control.do('fault', { count: 1000, delayMs: 2000 })
  await first.close()
  await control.do('clearFaults')
  await control.do('latency', { ms: 0 })
  const second = await openHouse(ground, { prefetch: 'all' })
  await second.until(({ hydrated }) => hydrated === 30)
  await assertTruth(second, control)
})

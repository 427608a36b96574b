import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MessageKey } from '#mail/ids.ts'
import { never, openHouse, prepareGround } from './testing/house.ts'

const limit = { timeout: 180_000 }
const day = 24 * 3600 * 1000

test(
  'recent reads 500 of the newest and all of the last 30 days, and a restart reads no more',
  limit,
  async (t) => {
    const mail = await mkdtemp(join(tmpdir(), 'postern-recent-'))
    t.after(() => rm(mail, { recursive: true, force: true }))
    for (let n = 0; n < 530; n++) {
      const age = n < 30 ? 90 : n < 35 ? 40 : 10
      const date = new Date(Date.now() - age * day).toUTCString()
      await writeFile(join(mail, `${1000 + n}.eml`), `Subject: m${n}\r\nDate: ${date}\r\n\r\nText.\r\n`)
    }
    const ground = await prepareGround(t, { mail })
    const first = await openHouse(ground, { prefetch: 'recent' })
    await first.until(({ phase }) => phase === 'live')
    const newest = [...(await first.snapshot('INBOX')).keys].slice(-500) as MessageKey[]
    for (let read = 0; read < newest.length;) {
      await first.until(({ hydrated }) => hydrated > read || hydrated >= newest.length)
      read = (await first.account.mailstore.known(newest)).size
    }
    await first.close()
    // A get that was on its way would be counted for the second house.
    const gets = async () =>
      (await ground.control.do<{ methods: Record<string, { calls: number }> }>('ledger')).methods[
        'messages.get'
      ]?.calls ?? 0
    for (let before = -1, now = await gets(); now !== before;) [before, now] = [now, await gets()]
    await ground.control.do('reset')
    const second = await openHouse(ground, { prefetch: 'recent' })
    await second.until(({ lastPollAt }) => lastPollAt !== undefined)
    const { keys } = await second.snapshot('INBOX')
    const known = await second.account.mailstore.known([...keys] as MessageKey[])
    assert.ok(known.size >= 500 && known.size < 530, `${known.size} are read`)
    // What is left of the last batch may be read, and nothing beyond.
    assert.ok(!keys.slice(0, 6).some((key) => known.has(key as MessageKey)), 'the oldest are not read')
    assert.equal((await ground.control.spent()).calls('messages.get'), 0)
  },
)

test('off reads nothing until somebody asks', limit, async (t) => {
  const ground = await prepareGround(t)
  await ground.control.deliver('m')
  const house = await openHouse(ground, { prefetch: 'off' })
  await house.until(({ phase }) => phase === 'live')
  const { keys } = await house.snapshot('INBOX')
  assert.equal((await house.account.mailstore.known([...keys] as MessageKey[])).size, 0)
  await house.account.mailstore.body(keys[0] as MessageKey, never)
  assert.equal((await ground.control.spent()).calls('messages.get'), 1)
})

test('records of what nobody has read come as Gmail delivers them, newest first', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 30; n++) await ground.control.deliver(`m${n}`)
  const house = await openHouse(ground)
  await house.until(({ phase }) => phase === 'live')
  const { keys } = await house.snapshot('INBOX')
  await ground.control.do('fault', { method: 'messages.get', skip: 10, count: 1000, status: 503 })
  const seen: string[] = []
  for await (const batch of house.account.mailstore.records([...keys] as MessageKey[], 'summary', never)) {
    seen.push(...batch.map(({ summary }) => summary.subject))
    if (seen.length >= 8) break
  }
  assert.ok(seen.includes('m29'), 'the newest is among the first')
  assert.ok(!seen.includes('m0'), 'the oldest is not')
})

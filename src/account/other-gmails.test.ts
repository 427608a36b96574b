import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '#mail/surroundings.ts'
import { openHouse, prepareGround, silence } from './testing/house.ts'
import { assertTruth } from './testing/truth.ts'

const limit = { timeout: 180_000 }

for (const status of [404, 400])
  test(
    `a Gmail that answers ${status} to every history is listed twice, not without end`,
    limit,
    async (t) => {
      const ground = await prepareGround(t)
      const { control } = ground
      await control.deliver('one')
      await control.do('fault', { method: 'history.list', count: 1000, status, reason: 'notFound' })
      const waiting = Promise.withResolvers<void>()
      const log: Log = {
        ...silence,
        warn(_, message) {
          if (message.includes('no history')) waiting.resolve()
        },
        child: () => log,
      }
      const house = await openHouse(ground, { log })
      await waiting.promise
      // Whoever comes now does not make it ask again.
      const client = await house.account.mailstore.mailboxes(new AbortController().signal)
      assert.ok(client.some(({ name }) => name === 'INBOX'))
      house.account.noticed(undefined)
      house.account.sent()
      assert.equal((await control.spent()).calls('getProfile'), 2)
      await control.do('clearFaults')
      await control.deliver('two')
      house.account.reconnected()
      await house.until(({ phase }) => phase === 'live')
      await assertTruth(house, control)
    },
  )

test(
  'where Sent takes nothing by hand, a copy of the person’s own mail gets there all the same',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    const { control } = ground
    const house = await openHouse(ground)
    await house.until(({ phase }) => phase === 'live')
    const append = async (from: string) => {
      await control.do('fault', {
        method: 'messages.insert',
        status: 400,
        reason: 'invalidArgument',
        message: 'Invalid label: SENT',
      })
      const { id } = await house.mailbox('[Gmail]/Sent Mail')
      assert.ok(id)
      const bytes = Buffer.from(`From: ${from}\r\nSubject: mine\r\n\r\nHello\r\n`)
      const mail = { bytes, bits: 0, keywords: [], internalDate: undefined }
      return await house.account.mailstore.append(id, [mail], new AbortController().signal)
    }
    const { uids } = await append('demo@gmail.test')
    assert.equal(uids.length, 1)
    assert.equal((await house.snapshot('[Gmail]/Sent Mail')).uids.length, 1)
    await assert.rejects(append('ada@example.org'), /did not put the message into this mailbox/)
  },
)

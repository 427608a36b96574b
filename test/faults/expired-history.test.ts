import assert from 'node:assert/strict'
import { test } from 'node:test'
import { control } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { withServe } from '../serve.ts'
import { agree } from './agreement.ts'
import { atGmail, imapDialog, oneAccount, quick, settled, tryUntil } from './bridge.ts'
import { Promises } from './promises.ts'

/** Until a list is asked for that takes its time. */
async function listing(google: Ready, slow: number): Promise<void> {
  await tryUntil(async () => {
    const { faults } = (await control(google, 'faults')) as { faults: { skip: number; count: number }[] }
    return faults.every(({ skip, count }) => skip === 0 && count < slow)
  })
}

test('what is put in while all is listed again keeps its UID', { timeout: 180_000 }, () =>
  withServe(
    oneAccount,
    async ({ ready, google }) => {
      await settled(ready)
      const promises = new Promises()
      const client = await imapDialog(ready)
      await promises.open(client, 'INBOX')
      for (let round = 0; round < 3; round++) {
        // The first list, of INBOX, is there at once; it is worked through when the others are.
        const slow = 1000
        await control(google, 'fault', { method: 'messages.list', skip: 1, count: slow, delayMs: 400 })
        await control(google, 'expireHistory')
        await listing(google, slow)
        const given: [messageId: string, uid: number][] = []
        for (let n = 0; n < 3; n++) {
          const messageId = `meanwhile-${round}-${n}@faults.test`
          const message = `Message-ID: <${messageId}>\r\nSubject: meanwhile\r\n\r\nx\r\n`
          const [, uid] = /OK \[APPENDUID \d+ (\d+)\]/.exec(await client.append('INBOX', message)) ?? []
          given.push([messageId, Number(uid)])
        }
        await control(google, 'clearFaults')
        await agree(ready, google, ['INBOX'])
        await settled(ready)
        const uids = await promises.open(client, 'INBOX')
        const held = new Map((await atGmail(google)).map(({ messageId, id }) => [messageId, id]))
        assert.deepEqual(
          given.map(([messageId]) => [messageId, uids.get(held.get(messageId) ?? '')]),
          given,
        )
      }
      client.close()
    },
    { settings: quick },
  ),
)

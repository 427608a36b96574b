import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { standBefore } from '../testing/before-gmail.ts'
import type { Control } from '../testing/control.ts'
import { openHouse, prepareGround } from '../testing/house.ts'
import { assertTruth, caughtUp } from '../testing/truth.ts'

const pageSize = 3

const isList = (url: URL, method: string) => method === 'GET' && url.pathname.endsWith('/users/me/messages')

/** Tells Gmail's lists in pages whose tokens are counts. `afterFirst` is run when a first page of INBOX was told. */
function countedPages(t: TestContext, gmailUrl: string, afterFirst: () => Promise<void>): Promise<string> {
  let isFirst = true
  return standBefore(t, gmailUrl, {
    ask(url, method) {
      if (isList(url, method)) url.searchParams.delete('pageToken')
      return url
    },
    async tell({ method, url, ok, text }) {
      if (!isList(url, method) || !ok) return text
      const from = Number(url.searchParams.get('pageToken') ?? 0)
      const { messages = [] } = JSON.parse(text) as { messages?: object[] }
      const next = from + pageSize
      if (isFirst && from === 0 && url.searchParams.get('labelIds') === 'INBOX') {
        isFirst = false
        await afterFirst()
      }
      return JSON.stringify({
        messages: messages.slice(from, next),
        ...(next < messages.length ? { nextPageToken: String(next) } : {}),
      })
    },
  })
}

const leaving: Record<string, (control: Control, id: string) => Promise<unknown>> = {
  'is archived': (control, id) => control.do('labels', { ids: [id], remove: ['INBOX'] }),
  'goes to Trash': (control, id) => control.do('labels', { ids: [id], add: ['TRASH'] }),
  'is deleted': (control, id) => control.do('delete', { ids: [id] }),
}

for (const [how, leave] of Object.entries(leaving))
  for (const isRelisted of [false, true])
    test(
      `a message on no page, because another ${how} between two of them, is listed all the same${isRelisted ? ', and keeps its UID' : ''}`,
      { timeout: 30_000 },
      async (t) => {
        const ground = await prepareGround(t)
        const { control } = ground
        const ids: string[] = []
        for (let n = 0; n < 8; n++) ids.push(await control.deliver(`m${n}`, { labels: ['INBOX', 'UNREAD'] }))
        if (isRelisted) {
          const before = await openHouse(ground)
          await before.until(({ phase }) => phase === 'live')
          await before.close()
          await control.do('expireHistory')
        }
        const newest = ids.at(-1)
        assert.ok(newest)
        const gmailUrl = await countedPages(t, ground.gmailUrl, async () => {
          await leave(control, newest)
        })
        const house = await openHouse({ ...ground, gmailUrl })
        await house.until(({ phase, lastPollAt }) => phase === 'live' && lastPollAt !== undefined)
        await caughtUp(house, control)
        await assertTruth(house, control)
        const { uids } = await house.snapshot('INBOX')
        assert.equal(uids.length, 7)
        if (isRelisted) assert.deepEqual([...uids], [1, 2, 3, 4, 5, 6, 7])
      },
    )

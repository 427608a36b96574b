import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Control } from '../testing/control.ts'
import { openHouse, prepareGround } from '../testing/house.ts'
import { assertTruth, caughtUp } from '../testing/truth.ts'

const pageSize = 3

/** Stands before Gmail and tells its lists in pages whose tokens are counts. `afterFirst` is run when a first page of INBOX was told. */
async function countedPages(t: TestContext, gmailUrl: string, afterFirst: () => Promise<void>) {
  let isFirst = true
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', gmailUrl)
    const isList = request.method === 'GET' && url.pathname.endsWith('/users/me/messages')
    const from = Number(url.searchParams.get('pageToken') ?? 0)
    if (isList) url.searchParams.delete('pageToken')
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk as Buffer)
    const { method = 'GET', headers } = request
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: headers.authorization ?? '',
        'content-type': headers['content-type'] ?? 'text/plain',
      },
      ...(body.length === 0 ? {} : { body: Buffer.concat(body) }),
    })
    let text = await answer.text()
    if (isList && answer.ok) {
      const { messages = [] } = JSON.parse(text) as { messages?: object[] }
      const next = from + pageSize
      text = JSON.stringify({
        messages: messages.slice(from, next),
        ...(next < messages.length ? { nextPageToken: String(next) } : {}),
      })
      if (isFirst && from === 0 && url.searchParams.get('labelIds') === 'INBOX') {
        isFirst = false
        await afterFirst()
      }
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(text)
  }
  const server = createServer(
    (request, response) => void pass(request, response).catch(() => response.destroy()),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { never, openHouse, prepareGround } from '../testing/house.ts'

/**
 * Stands before Gmail: the first list of labels is taken there and held back until `release` is called. `wentOn` resolves
 * when history is read after it.
 */
async function heldBack(t: TestContext, gmailUrl: string) {
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const wentOn = Promise.withResolvers<void>()
  let lists = 0
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk as Buffer)
    const { method = 'GET', url = '', headers } = request
    const answer = await fetch(`${gmailUrl}${url}`, {
      method,
      headers: {
        authorization: headers.authorization ?? '',
        'content-type': headers['content-type'] ?? 'text/plain',
      },
      ...(body.length === 0 ? {} : { body: Buffer.concat(body) }),
    })
    const text = await answer.text()
    if (method === 'GET' && /\/labels(?:\?|$)/.test(url) && ++lists === 1) {
      held.resolve()
      await released.promise
    }
    if (lists > 0 && url.includes('/history?')) wentOn.resolve()
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(text)
  }
  const server = createServer(
    (request, response) => void pass(request, response).catch(() => response.destroy()),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    held: held.promise,
    release: () => released.resolve(),
    wentOn: wentOn.promise,
  }
}

test(
  'a list of labels that was read before a mailbox was made does not take it away',
  { timeout: 180_000 },
  async (t) => {
    const ground = await prepareGround(t)
    const first = await openHouse(ground)
    await first.until(({ phase }) => phase === 'live')
    await first.close()
    const gate = await heldBack(t, ground.gmailUrl)
    const house = await openHouse({ ...ground, gmailUrl: gate.url })
    const { mailstore } = house.account
    mailstore.attach()
    await gate.held
    const made = await mailstore.createMailbox('Projects', undefined, never)
    gate.release()
    await gate.wentOn
    const found = (await mailstore.mailboxes(never)).find(({ name }) => name === 'Projects')
    assert.deepEqual([found?.id, found?.selectable], [made.id, true])
  },
)

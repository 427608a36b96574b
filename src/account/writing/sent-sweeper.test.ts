import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { messageId } from '#mail/ids.ts'
import type { MessageId } from '#mail/ids.ts'
import type { Log } from '#mail/surroundings.ts'
import { likenessDigest } from '../outbox/likeness.ts'
import { never, openHouse, silence } from '../testing/house.ts'
import { caughtUp, contents } from '../testing/truth.ts'
import { deskOf, openDesk } from './testing/desk.ts'
import type { Desk } from './testing/desk.ts'

const limit = { timeout: 180_000 }
const sentMail = '[Gmail]/Sent Mail'
const modifyScope = 'https://www.googleapis.com/auth/gmail.modify'
const text =
  'From: demo@gmail.test\r\nTo: peer@gmail.test\r\nDate: Thu, 2 Jan 2020 03:04:05 +0000\r\n' +
  'Message-ID: <mine@client.test>\r\nSubject: mine\r\n\r\nText.\r\n'

/** A client puts its copy into Sent; Gmail's id of it. */
async function appendCopy(desk: Desk, more: { bits?: number; keywords?: string[] } = {}): Promise<MessageId> {
  const before = await contents(desk.house, sentMail)
  const mail = { bytes: Buffer.from(text), bits: 1, keywords: [], internalDate: undefined, ...more }
  await desk.house.account.mailstore.append(await desk.idOf(sentMail), [mail], never)
  const [id] = [...(await contents(desk.house, sentMail)).keys()].filter((one) => !before.has(one))
  assert.ok(id !== undefined)
  return messageId(id)
}

/** As the outbox does it; Gmail's id of its own copy. */
async function send({ control, house }: Desk, sent = text, at = Date.now()): Promise<MessageId> {
  const { id } = await control.do<{ id: string }>('send', { text: sent })
  await house.sends.put({
    key: randomBytes(32),
    messageIdHash: createHash('sha256').update('<mine@client.test>').digest(),
    likeness: likenessDigest(Buffer.from(sent)),
    state: 'sent',
    at,
    historyId: undefined,
    messageId: messageId(id),
  })
  house.account.sent()
  return messageId(id)
}

async function swept({ control, house }: Desk): Promise<void> {
  // Each look waits for an answer over HTTP.
  while ((await house.sends.copies.superseded(30 * 60_000)).length > 0) await control.do('state')
}

async function scene(t: TestContext, options: Parameters<typeof openDesk>[2] = {}): Promise<Desk> {
  return await openDesk(t, [], options)
}

// Each waits most of its time for its own simulator.
describe("a client's copy in Sent", { concurrency: 4 }, () => {
  test('goes when its message was sent after it, Gmail’s own has the next UID', limit, async (t) => {
    const desk = await scene(t)
    const copy = await appendCopy(desk)
    const own = await send(desk)
    await swept(desk)
    assert.deepEqual([await desk.labels(copy), await desk.labels(own)], ['gone', 'SENT'])
    assert.deepEqual([...(await contents(desk.house, sentMail))], [[own, { uid: 2, flags: '\\Seen' }]])
    await desk.echo()
  })

  test('goes to Trash where Google does not permit deleting', limit, async (t) => {
    const desk = await scene(t, { scopes: [modifyScope] })
    const copy = await appendCopy(desk)
    const own = await send(desk)
    await swept(desk)
    assert.deepEqual([await desk.labels(copy), await desk.labels(own)], ['SENT TRASH', 'SENT'])
    assert.deepEqual([...(await contents(desk.house, sentMail)).keys()], [own])
    await desk.echo()
  })

  for (const [what, touch] of [
    ['a star here', (desk: Desk) => flag(desk, 2, [])],
    ['a keyword here', (desk: Desk) => flag(desk, 0, ['Later'])],
    [
      'a star at Gmail',
      (desk: Desk, copy: MessageId) => desk.control.do('labels', { ids: [copy], add: ['STARRED'] }),
    ],
    [
      'a label at Gmail',
      (desk: Desk, copy: MessageId) => desk.control.do('labels', { ids: [copy], add: ['Work'] }),
    ],
  ] as const)
    test(`stays when it got ${what}`, limit, async (t) => {
      const desk = await scene(t)
      const copy = await appendCopy(desk)
      await touch(desk, copy)
      const own = await send(desk)
      await swept(desk)
      assert.deepEqual([...(await contents(desk.house, sentMail)).keys()], [copy, own])
    })

  test('goes when it was put in with keywords, and read since', limit, async (t) => {
    const desk = await scene(t)
    const copy = await appendCopy(desk, { bits: 64, keywords: ['$HasNoAttachment'] })
    await flag(desk, 1, [])
    const own = await send(desk)
    await swept(desk)
    assert.equal(await desk.labels(copy), 'gone')
    assert.deepEqual([...(await contents(desk.house, sentMail)).keys()], [own])
  })

  test('stays when something else was sent under its Message-ID, or much later', limit, async (t) => {
    const desk = await scene(t)
    const copy = await appendCopy(desk)
    const other = await send(desk, text.replace('Text.', 'Other text.'))
    const late = await send(desk, text, Date.now() + 31 * 60_000)
    assert.deepEqual(await desk.house.sends.copies.superseded(30 * 60_000), [])
    // A second copy that goes shows that the first was looked at.
    const same = await appendCopy(desk)
    await desk.house.sends.copies.settle(copy)
    const own = await send(desk)
    await swept(desk)
    assert.equal(await desk.labels(same), 'gone')
    assert.deepEqual(
      [...(await contents(desk.house, sentMail)).keys()].toSorted(),
      [copy, other, late, own].toSorted(),
    )
  })

  test('goes after a restart when Gmail refused it before', limit, async (t) => {
    const warned = Promise.withResolvers<void>()
    const log: Log = { ...silence, child: () => log, warn: () => warned.resolve() }
    const desk = await scene(t, { log })
    const copy = await appendCopy(desk)
    await desk.control.do('fault', { method: 'messages.delete', status: 400, count: 1000 })
    const own = await send(desk)
    await warned.promise
    assert.equal(await desk.labels(copy), 'SENT')
    await desk.house.close()
    await desk.control.do('clearFaults')
    const next = deskOf(desk.ground, await openHouse(desk.ground))
    await swept(next)
    assert.deepEqual([await desk.labels(copy), await desk.labels(own)], ['gone', 'SENT'])
    await next.house.until(({ phase }) => phase === 'live')
    await next.echo()
  })

  test('that the person deleted is nobody’s any more', limit, async (t) => {
    const desk = await scene(t)
    const copy = await appendCopy(desk)
    await desk.control.do('delete', { ids: [copy] })
    const own = await send(desk)
    await caughtUp(desk.house, desk.control)
    assert.deepEqual([...(await contents(desk.house, sentMail)).keys()], [own])
  })
})

async function flag(desk: Desk, bits: number, keywords: string[]): Promise<void> {
  const { mailstore } = desk.house.account
  await mailstore.changeFlags(
    await desk.idOf(sentMail),
    await desk.keys(sentMail),
    { mode: 'add', bits, keywords },
    never,
  )
}

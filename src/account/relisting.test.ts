import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import { gateBefore } from './testing/gate.ts'
import { never, openHouse, prepareGround } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { assertTruth, caughtUp, contents } from './testing/truth.ts'
import { deskOf } from './writing/testing/desk.ts'
import type { Desk } from './writing/testing/desk.ts'

const limit = { timeout: 180_000 }
const names = ['INBOX', 'Work', '[Gmail]/All Mail', '[Gmail]/Trash', '[Gmail]/Starred'] as const

/** The label that a call lists; undefined for other calls. */
function listedBy(url: URL): string | undefined {
  return url.pathname.endsWith('/users/me/messages') ? (url.searchParams.get('labelIds') ?? 'ALL') : undefined
}

/** An account that is listed anew, with mail that a person will move, read, star and delete. */
async function relisted(t: TestContext) {
  const ground = await prepareGround(t)
  const { control } = ground
  const deliver = (subject: string, labels: readonly string[]) => control.deliver(subject, { labels })
  const ids = {
    moved: await deliver('moved', ['INBOX', 'UNREAD']),
    archived: await deliver('archived', ['INBOX']),
    trashed: await deliver('trashed', ['INBOX', 'Work', 'UNREAD']),
    deleted: await deliver('deleted', ['TRASH', 'UNREAD']),
    rescued: await deliver('rescued', ['TRASH']),
    read: await deliver('read', ['INBOX', 'UNREAD']),
    unread: await deliver('unread', ['INBOX']),
    starred: await deliver('starred', ['INBOX']),
    unstarred: await deliver('unstarred', ['INBOX', 'STARRED']),
    kept: await deliver('kept', ['INBOX', 'Work', 'UNREAD', 'STARRED']),
  }
  const first = await openHouse(ground)
  await first.until(({ phase }) => phase === 'live')
  await first.close()
  await control.do('expireHistory')
  const gate = await gateBefore(t, ground.gmailUrl)
  return { ground, control, gate, ids, later: { ...ground, gmailUrl: gate.url } }
}

async function changeEverything(desk: Desk, ids: Awaited<ReturnType<typeof relisted>>['ids']): Promise<void> {
  const { mailstore } = desk.house.account
  await desk.transfer('move', 'INBOX', [ids.moved], 'Work')
  await desk.expunge('INBOX', [ids.archived])
  await desk.transfer('move', 'INBOX', [ids.trashed], '[Gmail]/Trash')
  await desk.expunge('[Gmail]/Trash', [ids.deleted])
  await desk.transfer('move', '[Gmail]/Trash', [ids.rescued], 'INBOX')
  const inbox = await desk.idOf('INBOX')
  for (const [id, mode, bits] of [
    [ids.read, 'add', FlagBit.seen],
    [ids.unread, 'remove', FlagBit.seen],
    [ids.starred, 'add', FlagBit.flagged],
    [ids.unstarred, 'remove', FlagBit.flagged],
  ] as const)
    await mailstore.changeFlags(inbox, await desk.keys('INBOX', [id]), { mode, bits, keywords: [] }, never)
}

/** Who is where, with which flags, under which UID and since which MODSEQ, and the next UID. */
async function everything(house: House): Promise<object> {
  const seen = new Map<string, object>()
  for (const name of names) {
    const { uidNext, modSeqs } = await house.snapshot(name)
    seen.set(name, { uidNext, modSeqs, members: await contents(house, name) })
  }
  return Object.fromEntries(seen)
}

async function endsAsItWas(house: House, control: Desk['control'], before: object): Promise<void> {
  await house.until(({ phase, lastPollAt }) => phase === 'live' && lastPollAt !== undefined)
  await caughtUp(house, control)
  assert.deepEqual(await everything(house), before)
  await assertTruth(house, control)
}

test(
  'what was moved, deleted, read or starred while its label was listed anew does not come back',
  limit,
  async (t) => {
    const { ground, control, gate, ids, later } = await relisted(t)
    const listed = new Set<string>()
    const staged = Promise.withResolvers<void>()
    // Without STARRED no mailbox is reconciled; all else is listed meanwhile.
    const hold = gate.hold((url) => {
      const label = listedBy(url)
      if (label !== undefined) listed.add(label)
      if (['INBOX', 'UNREAD', 'ALL', 'TRASH', 'STARRED'].every((one) => listed.has(one))) staged.resolve()
      return label === 'STARRED'
    })
    const house = await openHouse(later)
    await staged.promise
    await changeEverything(deskOf(ground, house), ids)
    const before = await everything(house)
    hold.open()
    await endsAsItWas(house, control, before)
  },
)

test('nor when the process ends before the listing does', limit, async (t) => {
  const { ground, control, gate, ids, later } = await relisted(t)
  const listed = new Set<string>()
  const staged = Promise.withResolvers<void>()
  gate.hold((url) => {
    const label = listedBy(url)
    if (label !== undefined) listed.add(label)
    if (['INBOX', 'UNREAD', 'ALL', 'TRASH', 'STARRED'].every((one) => listed.has(one))) staged.resolve()
    return label === 'STARRED'
  })
  const first = await openHouse(later)
  await staged.promise
  await changeEverything(deskOf(ground, first), ids)
  const before = await everything(first)
  await first.close()
  const house = await openHouse(ground)
  await endsAsItWas(house, control, before)
})

test('a page that was under way meanwhile, and is older, changes nothing either', limit, async (t) => {
  const { ground, control, gate, ids, later } = await relisted(t)
  const hold = gate.hold((url) => listedBy(url) === 'INBOX' || listedBy(url) === 'UNREAD')
  const house = await openHouse(later)
  await hold.held
  await changeEverything(deskOf(ground, house), ids)
  const before = await everything(house)
  hold.open()
  await endsAsItWas(house, control, before)
})

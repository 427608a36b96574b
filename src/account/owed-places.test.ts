import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Clock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { Book } from './book.ts'
import { never, openHouse, prepareGround, silence } from './testing/house.ts'
import type { House, TestGround } from './testing/house.ts'
import { assertTruth, caughtUp } from './testing/truth.ts'

const limit = { timeout: 180_000 }

interface Scene {
  readonly ground: TestGround
  readonly house: House
  readonly ids: string[]
  readonly keys: MessageKey[]
  readonly flag: (mode: 'add' | 'remove', keys: readonly MessageKey[]) => Promise<unknown>
  readonly starred: MailboxId
}

/** The system's clock, on which nobody who begins to wait while it is held wakes up before it goes on. */
function heldClock(): Clock & { hold(): void; goOn(): void } {
  let going = Promise.withResolvers<void>()
  going.resolve()
  return {
    ...systemClock,
    async sleep(ms, signal) {
      await Promise.all([systemClock.sleep(ms, signal), going.promise])
    },
    hold: () => (going = Promise.withResolvers()),
    goOn: () => going.resolve(),
  }
}

async function scene(t: TestContext, messages: number, clock: Clock = systemClock): Promise<Scene> {
  const ground = await prepareGround(t)
  const ids: string[] = []
  for (let n = 0; n < messages; n++) ids.push(await ground.control.deliver(`m${n}`, { labels: ['INBOX'] }))
  // Nothing comes from Gmail's history by chance.
  const house = await openHouse(ground, { pollSeconds: 3600, clock })
  await house.until(({ phase }) => phase === 'live')
  const { id: inbox } = await house.mailbox('INBOX')
  const { id: starred } = await house.mailbox('[Gmail]/Starred')
  assert.ok(inbox !== undefined && starred !== undefined)
  const { mailstore } = house.account
  const { keys } = await house.snapshot('INBOX')
  const flag = (mode: 'add' | 'remove', some: readonly MessageKey[]) =>
    mailstore.changeFlags(inbox, some, { mode, bits: FlagBit.flagged, keywords: [] }, never)
  return { ground, house, ids, keys: [...keys] as MessageKey[], flag, starred }
}

test('whoever looks into Starred finds what was flagged a moment ago', limit, async (t) => {
  const clock = heldClock()
  const { ground, house, keys, flag, starred } = await scene(t, 30, clock)
  const { mailstore } = house.account
  // Nobody but who looks.
  clock.hold()
  await flag('add', keys)
  assert.equal((await mailstore.status(starred, never)).messages, 30)
  await flag('remove', keys.slice(0, 20))
  assert.deepEqual([...(await house.snapshot('[Gmail]/Starred')).keys], keys.slice(20))
  await flag('add', keys.slice(0, 5))
  await flag('remove', keys.slice(0, 5))
  const { uids, uidNext } = await house.snapshot('[Gmail]/Starred')
  assert.deepEqual([uids.length, uidNext], [10, 31], 'what came and went in between needed no UID')
  assert.deepEqual(
    await mailstore.vanished(starred, 0 as never),
    [...Array(20).keys()].map((n) => n + 1),
  )
  clock.goOn()
  house.account.noticed(undefined)
  await caughtUp(house, ground.control)
  await assertTruth(house, ground.control)
})

test('whoever has Starred open hears of it by itself', limit, async (t) => {
  const { house, keys, flag, starred } = await scene(t, 3)
  const open = await house.account.mailstore.open(starred, never)
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (open.snapshot().uids.length !== count) return
        stop()
        resolve()
      }
      const stop = open.onChange(look)
      look()
    })
  await flag('add', keys)
  await until(3)
  await flag('remove', keys.slice(1))
  await until(1)
  open.close()
})

test('what a kill left unpaid comes from the history', limit, async (t) => {
  const { ground, house, ids, keys } = await scene(t, 4)
  await house.close()
  const seal = createSeal(Buffer.alloc(32, 7))
  const path = join(ground.dir, 'store.db')
  const store = await openSqliteStore({ path, seal, clock: systemClock, log: silence })
  const [account] = await store.accounts()
  assert.ok(account)
  // As the hand leaves it between its commit and the payment.
  await ground.control.do('labels', { ids: ids.slice(0, 3), add: ['STARRED'] })
  const book = await Book.open(store.account(account.id), systemClock.now())
  await book.write(async (entry) => {
    const flagged = Uint32Array.from(keys.slice(0, 3)).sort()
    entry.mark({ keys: flagged, add: FlagBit.flagged, remove: 0 }, await book.store.mailboxesOf(flagged))
  })
  await store.close()
  const next = await openHouse(ground)
  await caughtUp(next, ground.control)
  assert.equal((await next.snapshot('[Gmail]/Starred')).uids.length, 3)
  await assertTruth(next, ground.control)
})

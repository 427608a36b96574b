import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import { gateBefore } from './testing/gate.ts'
import { never, openHouse, prepareGround } from './testing/house.ts'
import { assertTruth, caughtUp } from './testing/truth.ts'
import { deskOf } from './writing/testing/desk.ts'

const limit = { timeout: 180_000 }

/** A live account whose next changes of labels are done at Gmail, while the answers wait for `open`. */
async function held(t: TestContext, count: number) {
  const ground = await prepareGround(t)
  const { control } = ground
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push(await control.deliver(`m${n}`, { labels: ['INBOX', 'Work'] }))
  const gate = await gateBefore(t, ground.gmailUrl)
  const house = await openHouse({ ...ground, gmailUrl: gate.url }, { pollSeconds: 3600 })
  await house.until(({ phase, lastPollAt }) => phase === 'live' && lastPollAt !== undefined)
  const desk = deskOf(ground, house)
  const inbox = await desk.idOf('INBOX')
  const star = async (mode: 'add' | 'remove', some: readonly string[]) => {
    const keys = await desk.keys('INBOX', some)
    await house.account.mailstore.changeFlags(
      inbox,
      keys,
      { mode, bits: FlagBit.flagged, keywords: [] },
      never,
    )
  }
  const hold = () => gate.hold(({ pathname }) => /\/(?:modify|batchModify)$/.test(pathname))
  /** Whatever history tells by now is read, and written as far as it may be: what nobody here touched is there. */
  const readHistory = async () => {
    const news = await control.deliver('news', { labels: ['INBOX'] })
    house.account.noticed(undefined)
    while ((await desk.keys('INBOX', [news])).length === 0) await house.until(() => true)
  }
  /** Does something else at Gmail when a change is done there and Postern does not know it yet. */
  const during = async (change: () => Promise<unknown>, other: () => Promise<unknown>) => {
    const answers = hold()
    const changing = change()
    await answers.held
    await other()
    await readHistory()
    answers.open()
    await changing
  }
  const agree = async () => {
    house.account.noticed(undefined)
    await caughtUp(house, control)
    await assertTruth(house, control)
  }
  return { control, ids, desk, star, during, agree }
}

for (const count of [1, 12])
  test(
    `what Google's own pages undo of ${count} flags before Postern hears that they are set, is undone here too`,
    limit,
    async (t) => {
      const { control, ids, star, during, agree } = await held(t, count)
      await during(
        () => star('add', ids),
        () => control.do('labels', { ids, remove: ['STARRED'] }),
      )
      await agree()
    },
  )

test('a flag that was there already, and is taken off while others get it, stays off', limit, async (t) => {
  const { control, ids, star, during, agree } = await held(t, 2)
  const [one, other] = ids as [string, string]
  await star('add', [one])
  await during(
    () => star('add', [one, other]),
    () => control.do('labels', { ids: [one], remove: ['STARRED'] }),
  )
  await agree()
})

test(
  'a message that Google’s own pages bring back before Postern hears that it moved, is back here too',
  limit,
  async (t) => {
    const { control, ids, desk, during, agree } = await held(t, 1)
    await during(
      () => desk.transfer('move', 'INBOX', ids, 'Work'),
      () => control.do('labels', { ids, add: ['INBOX'] }),
    )
    await agree()
    assert.equal((await desk.keys('INBOX', ids)).length, 1)
  },
)

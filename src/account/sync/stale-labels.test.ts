import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { standBefore } from '../testing/before-gmail.ts'
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
  const url = await standBefore(t, gmailUrl, {
    async tell({ method, url: { pathname }, text }) {
      if (method === 'GET' && pathname.endsWith('/labels') && ++lists === 1) {
        held.resolve()
        await released.promise
      }
      if (lists > 0 && pathname.endsWith('/history')) wentOn.resolve()
      return text
    },
  })
  return {
    url,
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

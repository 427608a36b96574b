import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import { hurriedClock, never, openHouse, prepareGround } from './testing/house.ts'
import type { House, TestGround } from './testing/house.ts'
import { assertTruth, caughtUp } from './testing/truth.ts'

const limit = { timeout: 180_000 }

interface Scene {
  readonly ground: TestGround
  readonly house: House
  readonly inbox: MailboxId
  readonly keys: MessageKey[]
  readonly ids: string[]
  readonly change: (
    keys: readonly MessageKey[],
    change: Partial<FlagChange>,
    signal?: AbortSignal,
  ) => Promise<readonly MessageKey[]>
  readonly flags: (mailbox?: string) => Promise<string[]>
}

async function scene(t: TestContext, messages: number): Promise<Scene> {
  const ground = await prepareGround(t)
  const ids: string[] = []
  for (let n = 0; n < messages; n++)
    ids.push(await ground.control.deliver(`m${n}`, { labels: ['INBOX', 'UNREAD', 'Work'] }))
  const house = await openHouse(ground, { clock: hurriedClock(50) })
  house.account.mailstore.attach()
  await house.until(({ phase }) => phase === 'live')
  const { id: inbox } = await house.mailbox('INBOX')
  assert.ok(inbox)
  const { keys } = await house.snapshot('INBOX')
  return {
    ground,
    house,
    inbox,
    ids,
    keys: [...keys] as MessageKey[],
    change: (some, change, signal = never) =>
      house.account.mailstore.changeFlags(
        inbox,
        some,
        { mode: 'add', bits: 0, keywords: [], ...change },
        signal,
      ),
    flags: async (mailbox = 'INBOX') => {
      const snapshot = await house.snapshot(mailbox)
      return [...snapshot.flags].map((flag) => snapshot.flagTable.get(flag).text)
    },
  }
}

test('reading a message costs 5 units at Gmail; those that are read cost nothing', limit, async (t) => {
  const { ground, house, keys, change, flags } = await scene(t, 3)
  await change(keys.slice(0, 1), { bits: FlagBit.seen })
  await ground.control.do('reset')
  await change(keys.slice(0, 2), { bits: FlagBit.seen })
  const spent = await ground.control.spent()
  assert.equal(spent.calls('messages.modify'), 1)
  assert.deepEqual(await flags(), ['\\Seen', '\\Seen', ''])
  assert.deepEqual(await flags('Work'), ['\\Seen', '\\Seen', ''])
  await caughtUp(house, ground.control)
  await assertTruth(house, ground.control)
})

test('the echo of our own change in the history takes no MODSEQ', limit, async (t) => {
  const { ground, house, keys, change } = await scene(t, 2)
  await change(keys, { bits: FlagBit.seen | FlagBit.flagged })
  const { highestModSeq } = await house.snapshot('INBOX')
  await caughtUp(house, ground.control)
  assert.equal((await house.snapshot('INBOX')).highestModSeq, highestModSeq)
  assert.equal((await house.snapshot('[Gmail]/Starred')).uids.length, 2)
  await assertTruth(house, ground.control)
})

test('many messages are one batchModify', limit, async (t) => {
  const { ground, keys, change, flags } = await scene(t, 40)
  await ground.control.do('reset')
  await change(keys, { bits: FlagBit.flagged | FlagBit.seen })
  const spent = await ground.control.spent()
  assert.deepEqual([spent.calls('messages.batchModify'), spent.calls('messages.modify')], [1, 0])
  assert.deepEqual(new Set(await flags()), new Set(['\\Flagged \\Seen']))
})

test(
  'what Gmail cannot hold is kept here: answered, keywords, and \\Deleted in one mailbox',
  limit,
  async (t) => {
    const { ground, keys, change, flags } = await scene(t, 2)
    await ground.control.do('reset')
    await change(keys.slice(0, 1), {
      bits: FlagBit.answered | FlagBit.forwarded | FlagBit.deleted,
      keywords: ['$Label1', 'Later'],
    })
    assert.deepEqual(await flags(), ['\\Answered \\Deleted $Forwarded $Label1 Later', ''])
    assert.deepEqual(await flags('Work'), ['\\Answered $Forwarded $Label1 Later', ''])
    await change(keys.slice(0, 1), { mode: 'remove', keywords: ['LATER'], bits: FlagBit.deleted })
    assert.deepEqual(await flags(), ['\\Answered $Forwarded $Label1', ''])
    await change(keys.slice(0, 1), { mode: 'replace', keywords: ['other'], bits: 0 })
    assert.deepEqual(await flags('Work'), ['other', ''])
    const spent = await ground.control.spent()
    assert.equal(spent.calls('messages.modify') + spent.calls('messages.batchModify'), 0)
  },
)

test(
  '\\Draft can be set and taken off where Gmail keeps no draft; a draft has no mark that would outlast it',
  limit,
  async (t) => {
    const { ground, house, keys, change, flags } = await scene(t, 2)
    const draft = await ground.control.deliver('draft', { labels: ['DRAFT'] })
    await caughtUp(house, ground.control)
    const drafts = await house.snapshot('[Gmail]/Drafts')
    const all = [...keys, ...drafts.keys] as MessageKey[]
    const shown = async () => (await flags('[Gmail]/All Mail')).slice(-3)
    await change(all.slice(0, 1), { bits: FlagBit.draftMark })
    assert.deepEqual(await shown(), ['\\Draft', '', '\\Seen \\Draft'])
    await change(all, { mode: 'replace', bits: FlagBit.draftMark | FlagBit.seen })
    assert.deepEqual(await shown(), ['\\Seen \\Draft', '\\Seen \\Draft', '\\Seen \\Draft'])
    await change(all.slice(1), { mode: 'remove', bits: FlagBit.draftMark })
    assert.deepEqual(await shown(), ['\\Seen \\Draft', '\\Seen', '\\Seen \\Draft'])
    await change(all, { mode: 'add', bits: FlagBit.draftMark })
    await ground.control.do('labels', { ids: [draft], remove: ['DRAFT'] })
    await caughtUp(house, ground.control)
    assert.deepEqual(await shown(), ['\\Seen \\Draft', '\\Seen \\Draft', '\\Seen'])
  },
)

test('a flag set on the other side while history is read is not undone by it', limit, async (t) => {
  const { ground, house, ids, keys, change, flags } = await scene(t, 1)
  const { control } = ground
  await control.do('fault', { method: 'history.list', count: 1, delayMs: 300 })
  await control.do('labels', { ids, add: ['STARRED'] })
  await change(keys, { mode: 'add', bits: FlagBit.flagged | FlagBit.seen })
  await change(keys, { mode: 'remove', bits: FlagBit.flagged })
  await caughtUp(house, control)
  assert.deepEqual(await flags(), ['\\Seen'])
  await assertTruth(house, control)
})

test('however long a client goes on flagging, news come and nothing is undone', limit, async (t) => {
  const { ground, house, inbox, ids, keys, change, flags } = await scene(t, 2)
  const { control } = ground
  const [mine = '', other = ''] = ids
  const [key] = keys
  assert.ok(key !== undefined)
  const seen: string[] = []
  const open = await house.account.mailstore.open(inbox, never)
  open.onChange(() => {
    const { flags: column, flagTable } = open.snapshot()
    seen.push(flagTable.get(column[0] as number).text)
  })
  // Each reading of history is slow, and the client changes the same message during each.
  await control.do('fault', { method: 'history.list', count: 8, delayMs: 100 })
  await control.do('labels', { ids: [mine, other], add: ['STARRED'] })
  house.account.noticed(undefined)
  for (let turn = 0; turn < 8; turn++) {
    const calls = (await control.spent()).calls('history.list')
    await change([key], { mode: turn % 2 === 0 ? 'remove' : 'add', bits: FlagBit.flagged })
    // Until the next reading has been answered.
    while ((await control.spent()).calls('history.list') === calls) await house.account.mailstore.fresh(never)
    if (turn === 4) assert.match((await flags())[1] ?? '', /Flagged/, 'what nobody touches is news at once')
  }
  await change([key], { mode: 'remove', bits: FlagBit.flagged })
  await caughtUp(house, control)
  open.close()
  assert.deepEqual(await flags(), ['', '\\Flagged'])
  await assertTruth(house, control)
  // Only what the client did to it itself, in its order.
  const own = seen.filter((text, at) => text !== seen[at - 1])
  assert.ok(own.length <= 10, own.join())
})

test('a change that Gmail refuses changes nothing here', limit, async (t) => {
  const { ground, keys, change, flags } = await scene(t, 1)
  await ground.control.do('fault', {
    method: 'messages.modify',
    count: 1,
    status: 403,
    reason: 'insufficientPermissions',
  })
  await assert.rejects(change(keys, { bits: FlagBit.seen }), { code: 'not-permitted' })
  assert.deepEqual(await flags(), [''])
})

test('candidates are what Gmail finds, as keys', limit, async (t) => {
  const { ground, house, keys } = await scene(t, 3)
  await ground.control.do('reset')
  const found = await house.account.mailstore.candidates([{ field: 'subject', value: 'm1' }], never)
  assert.deepEqual([...found], [keys[1]])
  assert.equal((await ground.control.spent()).calls('messages.get'), 0)
})

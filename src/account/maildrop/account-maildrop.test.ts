import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import { never, openHouse, prepareGround } from '../testing/house.ts'
import type { House, TestGround } from '../testing/house.ts'
import { labelsOf } from './disposition.ts'
import type { Disposition } from './disposition.ts'

const limit = { timeout: 180_000 }

/** The account's own POP setting, as the person would set it at Gmail. */
async function setPop(ground: TestGround, disposition: Disposition): Promise<void> {
  const scopes = ['https://www.googleapis.com/auth/gmail.settings.basic']
  const { token } = await ground.control.do<{ token: string }>('grant', { scopes })
  const answer = await fetch(`${ground.gmailUrl}/gmail/v1/users/me/settings/pop`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ accessWindow: 'allMail', disposition }),
  })
  assert.equal(answer.status, 200, await answer.text())
}

/** The inbox of a live account, and its messages from the oldest. */
async function inbox(house: House): Promise<{ mailbox: MailboxId; keys: MessageKey[] }> {
  await house.until(({ phase }) => phase === 'live')
  const { mailbox, keys } = await house.snapshot('INBOX')
  return { mailbox, keys: [...keys] as MessageKey[] }
}

async function labelsAtGmail(ground: TestGround, id: string): Promise<string[]> {
  const { token } = await ground.control.do<{ token: string }>('grant', {})
  const answer = await fetch(`${ground.gmailUrl}/gmail/v1/users/me/messages/${id}?format=minimal`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return ((await answer.json()) as { labelIds?: string[] }).labelIds?.toSorted() ?? []
}

const afterwards: readonly [Disposition, readonly string[]][] = [
  ['leaveInInbox', ['INBOX', 'UNREAD']],
  ['markRead', ['INBOX']],
  ['archive', ['UNREAD']],
  ['trash', ['TRASH', 'UNREAD']],
]

for (const [disposition, labels] of afterwards)
  test(`with ${disposition}, what was deleted is ${labels.join(' and ')}`, limit, async (t) => {
    const ground = await prepareGround(t)
    await setPop(ground, disposition)
    const ids = [await ground.control.deliver('one'), await ground.control.deliver('two')]
    const house = await openHouse(ground)
    const { mailbox, keys } = await inbox(house)
    await house.account.maildrop.update(mailbox, { retrieved: keys, deleted: keys.slice(1) }, never)
    assert.deepEqual(await labelsAtGmail(ground, ids[0] ?? ''), ['INBOX', 'UNREAD'])
    assert.deepEqual(await labelsAtGmail(ground, ids[1] ?? ''), labels)
    const { maildrop } = house.account
    assert.deepEqual(await maildrop.popped(keys, 'deleted'), new Set(keys.slice(1)))
    assert.deepEqual(await maildrop.popped(keys, 'retrieved'), new Set(keys))
  })

test('the operator decides before the account does, and its setting is not asked for', limit, async (t) => {
  const ground = await prepareGround(t)
  await setPop(ground, 'leaveInInbox')
  const id = await ground.control.deliver('one')
  const house = await openHouse(ground, { popDisposition: 'archive' })
  const { mailbox, keys } = await inbox(house)
  await ground.control.spent()
  await house.account.maildrop.update(mailbox, { retrieved: [], deleted: keys }, never)
  assert.deepEqual(await labelsAtGmail(ground, id), ['UNREAD'])
  const spent = await ground.control.spent()
  assert.equal(spent.calls('settings.getPop'), 0)
})

test('300 deleted messages are one bulk call', limit, async (t) => {
  const ground = await prepareGround(t)
  await setPop(ground, 'trash')
  for (let n = 0; n < 300; n++) await ground.control.deliver(`m${n}`)
  const house = await openHouse(ground)
  const { mailbox, keys } = await inbox(house)
  await ground.control.spent()
  await house.account.maildrop.update(mailbox, { retrieved: keys, deleted: keys }, never)
  const spent = await ground.control.spent()
  assert.equal(spent.calls('messages.batchModify'), 1)
  assert.equal(spent.calls('messages.modify') + spent.calls('messages.trash'), 0)
  assert.equal(spent.calls('settings.getPop'), 1)
})

test('a session that deleted nothing asks Gmail nothing', limit, async (t) => {
  const ground = await prepareGround(t)
  await ground.control.deliver('one')
  const house = await openHouse(ground, { pollSeconds: 3600 })
  const { mailbox, keys } = await inbox(house)
  await ground.control.spent()
  await house.account.maildrop.update(mailbox, { retrieved: keys, deleted: [] }, never)
  const spent = await ground.control.spent()
  assert.equal(spent.calls('settings.getPop') + spent.calls('messages.modify'), 0)
})

test('a message that is gone does not keep the others from being disposed of', limit, async (t) => {
  const ground = await prepareGround(t)
  await setPop(ground, 'trash')
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push(await ground.control.deliver(`m${n}`))
  const house = await openHouse(ground, { pollSeconds: 3600 })
  const { mailbox, keys } = await inbox(house)
  await ground.control.do('delete', { ids: [ids[2]] })
  await house.account.maildrop.update(mailbox, { retrieved: [], deleted: keys }, never)
  for (const id of [0, 1, 3, 4].map((n) => ids[n] ?? ''))
    assert.deepEqual(await labelsAtGmail(ground, id), ['TRASH', 'UNREAD'])
})

test('when Gmail refuses, nothing is remembered, and the same change works later', limit, async (t) => {
  const ground = await prepareGround(t)
  await setPop(ground, 'archive')
  await ground.control.deliver('one')
  const house = await openHouse(ground)
  const { mailbox, keys } = await inbox(house)
  await ground.control.do('fault', { method: 'messages.modify', status: 403, reason: 'domainPolicy' })
  const { maildrop } = house.account
  const change = { retrieved: keys, deleted: keys }
  await assert.rejects(maildrop.update(mailbox, change, never), { name: 'MailError' })
  assert.deepEqual(await maildrop.popped(keys, 'retrieved'), new Set())
  await maildrop.update(mailbox, change, never)
  assert.deepEqual(await maildrop.popped(keys, 'deleted'), new Set(keys))
})

test('what is read ahead is known afterwards, and costs one get each', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 150; n++) await ground.control.deliver(`m${n}`)
  const house = await openHouse(ground, { pollSeconds: 3600 })
  const { keys } = await inbox(house)
  await ground.control.spent()
  house.account.maildrop.prefetch(keys.slice(0, 120))
  house.account.maildrop.prefetch(keys.slice(0, 120))
  await house.until(({ hydrated }) => hydrated === 120)
  assert.deepEqual(await house.account.mailstore.known(keys), new Set(keys.slice(0, 120)))
  assert.equal((await ground.control.spent()).calls('messages.get'), 120)
})

test('what was popped is remembered over a restart', limit, async (t) => {
  const ground = await prepareGround(t)
  await ground.control.deliver('one')
  await ground.control.deliver('two')
  const first = await openHouse(ground)
  const { mailbox, keys } = await inbox(first)
  await first.account.maildrop.update(mailbox, { retrieved: keys.slice(0, 1), deleted: [] }, never)
  await first.close()
  const second = await openHouse(ground)
  const again = await inbox(second)
  assert.deepEqual(await second.account.maildrop.popped(again.keys, 'retrieved'), new Set(keys.slice(0, 1)))
})

test('in Trash there is nothing left to throw away, and Spam is left for Trash', () => {
  type Label = Parameters<typeof labelsOf>[1]
  assert.deepEqual(labelsOf('trash', 'TRASH' as Label), { add: [], remove: [] })
  assert.deepEqual(labelsOf('trash', 'SPAM' as Label), { add: ['TRASH'], remove: ['INBOX', 'SPAM'] })
})

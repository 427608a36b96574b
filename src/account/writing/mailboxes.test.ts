import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildHouse, never } from '../testing/house.ts'
import { contents, gmailState } from '../testing/truth.ts'
import { openDesk } from './testing/desk.ts'
import type { Desk } from './testing/desk.ts'

const limit = { timeout: 180_000 }

async function names(desk: Desk): Promise<string[]> {
  const all = await desk.house.account.mailstore.mailboxes(never)
  return all
    .filter(({ name }) => !name.startsWith('[Gmail]'))
    .map(({ name, selectable, subscribed }) => `${name}${selectable ? '' : ' -'}${subscribed ? '' : ' !'}`)
}

test('CREATE makes an empty mailbox that needs no listing, for 5 units', limit, async (t) => {
  const desk = await openDesk(t, [['INBOX']])
  const { mailstore } = desk.house.account
  const before = await desk.house.snapshot('INBOX')
  const made = await mailstore.createMailbox('Projects/Größe/', undefined, never)
  assert.equal(made.name, 'Projects/Größe')
  assert.equal((await desk.control.spent()).units, 5)
  const snapshot = await desk.house.snapshot('Projects/Größe')
  assert.ok(snapshot.uidValidity > before.uidValidity)
  // As IMAP has it, whoever makes one subscribes as well.
  assert.deepEqual(await names(desk), ['INBOX', 'Projects - !', 'Projects/Größe !'])
  await desk.transfer('move', 'INBOX', undefined, 'Projects/Größe')
  await desk.echo()
  await assert.rejects(mailstore.createMailbox('Projects/Größe', undefined, never), {
    code: 'already-exists',
  })
  await assert.rejects(mailstore.createMailbox('projects/grÖße', undefined, never), {
    code: 'already-exists',
  })
  for (const name of ['inbox', 'INBOX'])
    await assert.rejects(mailstore.createMailbox(name, undefined, never), { code: 'already-exists' })
  for (const name of ['[Gmail]/New', '[Gmail]', 'Muted', 'a//b', 'a\tb', ''])
    await assert.rejects(mailstore.createMailbox(name, undefined, never), { code: 'cannot' }, name)
  await assert.rejects(mailstore.createMailbox('Mine', 'sent', never), { code: 'cannot' })
  await mailstore.createMailbox('Projects', undefined, never)
  assert.deepEqual(await names(desk), ['INBOX', 'Projects !', 'Projects/Größe !'])
})

test('a CREATE whose answer is lost is found in the list', limit, async (t) => {
  const desk = await openDesk(t)
  await desk.control.do('fault', { method: 'labels.create', drop: true, when: 'after' })
  await desk.house.account.mailstore.createMailbox('New', undefined, never)
  assert.equal((await desk.house.snapshot('New')).uids.length, 0)
  assert.equal((await gmailState(desk.control)).labels.filter(({ name }) => name === 'New').length, 1)
})

test('DELETE takes the label, its messages stay; made anew it is another mailbox', limit, async (t) => {
  const desk = await openDesk(t, [['Work'], ['Work/Deep']])
  const { mailstore } = desk.house.account
  const open = await mailstore.open(await desk.idOf('Work'), never)
  const gone = new Promise((resolve) => open.onChange(resolve))
  const { uidValidity } = open.snapshot()
  await mailstore.deleteMailbox('Work', never)
  assert.equal(await gone, 'gone')
  assert.deepEqual(await names(desk), ['INBOX', 'Work - !', 'Work/Deep'])
  assert.equal((await contents(desk.house, '[Gmail]/All Mail')).size, 2)
  await desk.echo()
  await assert.rejects(mailstore.deleteMailbox('Work', never), { code: 'cannot' })
  await assert.rejects(mailstore.deleteMailbox('None', never), { code: 'nonexistent' })
  for (const name of ['INBOX', '[Gmail]/Trash', '[Gmail]/All Mail', '[Gmail]'])
    await assert.rejects(mailstore.deleteMailbox(name, never), { code: 'cannot' }, name)
  await mailstore.createMailbox('Work', undefined, never)
  assert.ok((await desk.house.snapshot('Work')).uidValidity > uidValidity)
})

test('RENAME renames children too and keeps every UID', limit, async (t) => {
  const desk = await openDesk(t, [['a'], ['a/b'], ['a/b/c'], ['ab']])
  const { mailstore } = desk.house.account
  const before = await desk.house.snapshot('a/b')
  await desk.control.spent()
  await mailstore.renameMailbox('a', 'z', never)
  assert.equal((await desk.control.spent()).units, 15)
  assert.deepEqual(await names(desk), ['INBOX', 'ab', 'z', 'z/b', 'z/b/c'])
  const after = await desk.house.snapshot('z/b')
  assert.deepEqual(
    [after.uidValidity, after.uids, after.mailbox],
    [before.uidValidity, before.uids, before.mailbox],
  )
  for (const taken of ['z', 'z/b'])
    await assert.rejects(mailstore.renameMailbox('z', taken, never), { code: 'already-exists' }, taken)
  await mailstore.renameMailbox('z/b', 'other/place', never)
  assert.deepEqual(await names(desk), ['INBOX', 'ab', 'other - !', 'other/place', 'other/place/c', 'z'])
  await mailstore.renameMailbox('other', 'place', never)
  assert.deepEqual(await names(desk), ['INBOX', 'ab', 'place - !', 'place/place', 'place/place/c', 'z'])
  await mailstore.renameMailbox('place/place', 'place/place/c/deeper', never)
  assert.deepEqual((await names(desk)).slice(2), [
    'place - !',
    'place/place - !',
    'place/place/c - !',
    'place/place/c/deeper',
    'place/place/c/deeper/c',
    'z',
  ])
  await desk.echo()
  await assert.rejects(mailstore.renameMailbox('ab', 'z', never), { code: 'already-exists' })
  await assert.rejects(mailstore.renameMailbox('none', 'q', never), { code: 'nonexistent' })
  await assert.rejects(mailstore.renameMailbox('[Gmail]/Sent Mail', 'q', never), { code: 'cannot' })
  await assert.rejects(mailstore.renameMailbox('ab', '[Gmail]/q', never), { code: 'cannot' })
})

test('RENAME of INBOX moves what is in it to a new mailbox', limit, async (t) => {
  const desk = await openDesk(t, [['INBOX'], ['INBOX', 'Work'], ['INBOX/child']])
  await desk.house.account.mailstore.renameMailbox('inbox', 'Old mail', never)
  assert.deepEqual(await names(desk), ['INBOX', 'INBOX/child', 'Old mail', 'Work'])
  assert.equal((await contents(desk.house, 'INBOX')).size, 0)
  assert.deepEqual([...(await desk.house.snapshot('Old mail')).uids], [1, 2])
  await desk.echo()
})

test('subscriptions are kept, also of names without a mailbox', limit, async (t) => {
  const desk = await openDesk(t, [['Work/Deep']])
  const { mailstore } = desk.house.account
  await mailstore.setSubscribed('Work/Deep', false, never)
  await mailstore.setSubscribed('Work', false, never)
  await mailstore.setSubscribed('Nowhere', true, never)
  await mailstore.setSubscribed('Never', false, never)
  const expected = ['INBOX', 'Nowhere -', 'Work - !', 'Work/Deep !']
  assert.deepEqual(await names(desk), expected)
  await desk.house.close()
  const house = await buildHouse(desk.ground)
  desk.ground.houses.push(house)
  const again = { ...desk, house }
  assert.deepEqual(await names(again), expected)
  await house.account.mailstore.createMailbox('Work', undefined, never)
  await house.account.mailstore.setSubscribed('Nowhere', false, never)
  assert.deepEqual(await names(again), ['INBOX', 'Work !', 'Work/Deep !'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabelChange } from '#mail/writing.ts'
import { never } from '../testing/house.ts'
import { openDesk } from './testing/desk.ts'
import type { Desk } from './testing/desk.ts'

const limit = { timeout: 180_000 }

async function shown(desk: Desk, mailbox: string): Promise<string[]> {
  const keys = await desk.keys(mailbox)
  const labels = await desk.house.account.mailstore.labelsOf(await desk.idOf(mailbox), keys)
  return keys.map((key) => (labels.get(key) ?? []).join(' '))
}

async function change(desk: Desk, mailbox: string, mode: LabelChange['mode'], ...labels: string[]) {
  const keys = await desk.keys(mailbox)
  await desk.house.account.mailstore.changeLabels(await desk.idOf(mailbox), keys, { mode, labels }, never)
}

test('X-GM-LABELS shows all labels but that of the mailbox', limit, async (t) => {
  const desk = await openDesk(t, [
    ['INBOX', 'Work/Deep', 'STARRED', 'IMPORTANT', 'UNREAD', 'CATEGORY_SOCIAL'],
    ['INBOX', 'SENT'],
    ['DRAFT'],
    ['SPAM'],
  ])
  assert.deepEqual(await shown(desk, 'INBOX'), ['Work/Deep \\Important \\Starred', '\\Sent'])
  assert.deepEqual(await shown(desk, 'Work/Deep'), ['\\Important \\Inbox \\Starred'])
  assert.deepEqual((await shown(desk, '[Gmail]/All Mail'))[2], '\\Draft')
  assert.deepEqual(await shown(desk, '[Gmail]/Spam'), [''])
})

test(
  'labels are added, removed and replaced in one call; one that does not exist is made',
  limit,
  async (t) => {
    const desk = await openDesk(t, [
      ['INBOX', 'A'],
      ['INBOX', 'B', 'STARRED', 'SENT'],
    ])
    await change(desk, 'INBOX', 'add', 'New one', '\\Important')
    assert.deepEqual(await shown(desk, 'INBOX'), [
      'A New one \\Important',
      'B New one \\Important \\Sent \\Starred',
    ])
    await change(desk, 'INBOX', 'remove', 'a', 'Unknown')
    await desk.control.spent()
    await change(desk, 'INBOX', 'replace', 'B')
    assert.equal((await desk.control.spent()).units, 10)
    assert.deepEqual(await shown(desk, 'INBOX'), ['B', 'B \\Sent'])
    await desk.echo()
  },
)

test(
  '\\Inbox brings back what is in Trash, \\Trash strips; \\Sent and \\Draft are refused',
  limit,
  async (t) => {
    const desk = await openDesk(t, [['TRASH'], ['Work', 'INBOX']])
    await change(desk, '[Gmail]/Trash', 'add', '\\Inbox')
    assert.equal(await desk.labels(desk.ids[0] ?? ''), 'INBOX')
    await change(desk, 'Work', 'add', '\\Trash')
    assert.equal(await desk.labels(desk.ids[1] ?? ''), 'TRASH')
    for (const label of ['\\Sent', '\\Draft', '\\Nonsense'])
      await assert.rejects(change(desk, 'INBOX', 'add', label), { code: 'cannot' }, label)
    await assert.rejects(change(desk, 'INBOX', 'add', '\\Spam', '\\Trash'), { code: 'cannot' })
    await desk.echo()
  },
)

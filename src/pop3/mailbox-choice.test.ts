import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailboxId } from '#mail/ids.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import { chooseMailbox } from './mailbox-choice.ts'

const mailboxes = ['INBOX', 'Bills', 'Ärger'].map((name, index): Mailbox => ({
  id: mailboxId(index + 1),
  name,
  role: undefined,
  selectable: true,
  hasChildren: false,
  subscribed: true,
  labelId: undefined,
}))
const everything = { readOnly: false, mailboxes: undefined }

function only(...names: string[]) {
  return { readOnly: false, mailboxes: names }
}

test('a login without a mailbox gets the inbox, or the only mailbox that its password is for', () => {
  assert.equal(chooseMailbox(mailboxes, undefined, everything), 1)
  assert.equal(chooseMailbox(mailboxes, undefined, only('Bills')), 2)
  assert.equal(chooseMailbox(mailboxes, undefined, only('Bills', 'inbox')), 1)
})

test('names are compared without regard to letter case and composition', () => {
  assert.equal(chooseMailbox(mailboxes, 'inbox', everything), 1)
  assert.equal(chooseMailbox(mailboxes, 'BILLS', everything), 2)
  assert.equal(chooseMailbox(mailboxes, 'A\u0308rger', everything), 3)
})

test('a mailbox that there is not, or that the password is not for, is refused', () => {
  assert.throws(() => chooseMailbox(mailboxes, 'Nowhere', everything), { code: 'nonexistent' })
  assert.throws(() => chooseMailbox(mailboxes, 'INBOX', only('Bills')), { code: 'not-permitted' })
  assert.throws(() => chooseMailbox(mailboxes, undefined, only('Bills', 'Ärger')), { code: 'not-permitted' })
  const parent = { ...(mailboxes[0] as Mailbox), id: undefined, name: 'Parent', selectable: false }
  assert.throws(() => chooseMailbox([parent], 'Parent', everything), { code: 'nonexistent' })
})

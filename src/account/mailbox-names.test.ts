import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { labelId, mailboxId, modSeq, uid } from '#mail/ids.ts'
import type { LabelRow, MailboxRow } from '#store/store.ts'
import { isShown, nameMailboxes } from './mailbox-names.ts'

const options = { prefix: '[Gmail]', categories: false }

function label(id: string, name = id): LabelRow {
  return {
    id: labelId(id),
    name,
    type: id.startsWith('Label_') ? 'user' : 'system',
    labelListVisibility: undefined,
  }
}

function rowsOf(labels: readonly LabelRow[]): MailboxRow[] {
  return ['ALL', ...labels.filter((one) => isShown(one, options)).map(({ id }) => id)].map((id, index) => ({
    id: mailboxId(index + 1),
    labelId: labelId(id),
    uidValidity: 1,
    uidNext: uid(1),
    highestModSeq: modSeq(1),
    whole: true,
    subscribed: true,
    gone: false,
  }))
}

function names(labels: readonly LabelRow[], more: Partial<typeof options> = {}): string[] {
  return nameMailboxes(labels, rowsOf(labels), { ...options, ...more }).map(
    ({ name, selectable, role }) =>
      `${name}${selectable ? '' : ' (no)'}${role === undefined ? '' : ` ${role}`}`,
  )
}

test('Gmail’s own labels get their names and roles, others no mailbox', () => {
  const labels = [
    'INBOX',
    'SENT',
    'DRAFT',
    'SPAM',
    'TRASH',
    'STARRED',
    'IMPORTANT',
    'UNREAD',
    'CHAT',
    'YELLOW_STAR',
  ]
  assert.deepEqual(names([...labels, 'CATEGORY_SOCIAL'].map((id) => label(id))), [
    'INBOX inbox',
    '[Gmail] (no)',
    '[Gmail]/All Mail all',
    '[Gmail]/Drafts drafts',
    '[Gmail]/Important important',
    '[Gmail]/Sent Mail sent',
    '[Gmail]/Spam junk',
    '[Gmail]/Starred flagged',
    '[Gmail]/Trash trash',
  ])
})

test('the prefix is a setting, and may be none', () => {
  assert.deepEqual(names([label('SENT')], { prefix: 'Google' }), [
    'Google (no)',
    'Google/All Mail all',
    'Google/Sent Mail sent',
  ])
  assert.deepEqual(names([label('SENT')], { prefix: '' }), ['All Mail all', 'Sent Mail sent'])
})

test('missing parents are there but cannot be selected', () => {
  assert.deepEqual(names([label('Label_1', 'a/b/c'), label('Label_2', 'a')], { prefix: '' }), [
    'All Mail all',
    'a',
    'a/b (no)',
    'a/b/c',
  ])
})

test('a user’s label gives way to Gmail’s own names', () => {
  const labels = [
    label('INBOX'),
    label('TRASH'),
    label('Label_1', '[Gmail]/Trash'),
    label('Label_2', 'inbox/x'),
  ]
  assert.deepEqual(names(labels), [
    'INBOX inbox',
    'INBOX/x',
    '[Gmail] (no)',
    '[Gmail]/All Mail all',
    '[Gmail]/Trash trash',
    '[Gmail]/Trash (2)',
  ])
})

test('whatever labels are called, names are unique, sorted, and have no empty level or control character', () => {
  const part = fc.constantFrom('', '/', 'a', 'INBOX', 'Inbox', '[Gmail]', 'Trash', '\u0007', ' (2)', 'ü')
  const labelName = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(labelName, { maxLength: 12 }), (list) => {
      const labels = [
        label('INBOX'),
        label('TRASH'),
        ...list.map((name, index) => label(`Label_${index}`, name)),
      ]
      const found = nameMailboxes(labels, rowsOf(labels), options)
      const all = found.map(({ name }) => name)
      assert.equal(new Set(all).size, all.length)
      assert.deepEqual(all, all.toSorted())
      assert.equal(found.filter(({ id }) => id !== undefined).length, list.length + 3)
      for (const { name, hasChildren } of found) {
        assert.ok(
          name.split('/').every((level) => level !== '' && !/\p{Cc}/u.test(level)),
          JSON.stringify(name),
        )
        assert.equal(
          hasChildren,
          all.some((other) => other.startsWith(`${name}/`)),
        )
        const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')))
        assert.ok(parent === '' || all.includes(parent))
      }
    }),
  )
})

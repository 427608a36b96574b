import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { LabelId } from '#mail/ids.ts'
import { allMail, systemLabel } from '../label-rules.ts'
import { labelsAfterTransfer } from './transfer-rules.ts'

const work = 'Label_1' as LabelId
const home = 'Label_2' as LabelId
const { inbox, unread, starred, important, draft, sent, spam, trash } = systemLabel

function after(labels: LabelId[], kind: 'copy' | 'move', from: LabelId, to: LabelId): string {
  return [...labelsAfterTransfer(new Set(labels), kind, from, to)].sort().join(' ')
}

const rows: readonly [
  name: string,
  labels: LabelId[],
  kind: 'copy' | 'move',
  from: LabelId,
  to: LabelId,
  expected: string,
][] = [
  ['a copy adds the label of its target', [inbox, unread], 'copy', inbox, work, 'INBOX Label_1 UNREAD'],
  ['a move swaps labels', [inbox, unread], 'move', inbox, work, 'Label_1 UNREAD'],
  ['a move leaves further labels alone', [inbox, home], 'move', inbox, work, 'Label_1 Label_2'],
  ['a move to All Mail archives', [inbox, work], 'move', inbox, allMail, 'Label_1'],
  ['a copy to All Mail changes nothing', [inbox], 'copy', inbox, allMail, 'INBOX'],
  ['a copy to Starred is a star', [inbox], 'copy', inbox, starred, 'INBOX STARRED'],
  ['a move from Important takes the mark', [inbox, important], 'move', important, work, 'INBOX Label_1'],
  ['what is moved to where it is already only leaves', [inbox, work], 'move', inbox, work, 'Label_1'],
  ['a move within a mailbox changes nothing', [work], 'move', work, work, 'Label_1'],
  [
    'trap 3: a copy to Trash is a move, and strips other labels',
    [inbox, work, home, starred, unread],
    'copy',
    work,
    trash,
    'STARRED TRASH UNREAD',
  ],
  ['a move to Trash keeps what Gmail alone takes off', [sent, work], 'move', sent, trash, 'SENT TRASH'],
  ['trap 3: a copy to Spam is a move', [inbox, work], 'copy', inbox, spam, 'Label_1 SPAM'],
  ['a move to Spam takes INBOX off too', [inbox, work], 'move', work, spam, 'SPAM'],
  ['a move out of Trash to INBOX', [trash, unread], 'move', trash, inbox, 'INBOX UNREAD'],
  ['a copy out of Trash restores', [trash], 'copy', trash, work, 'Label_1'],
  ['a copy out of Spam to All Mail restores', [spam], 'copy', spam, allMail, ''],
  ['a move from Spam to Trash', [spam], 'move', spam, trash, 'TRASH'],
  ['a move from Trash to Spam', [trash], 'move', trash, spam, 'SPAM'],
  ['what is in both leaves both', [trash, spam], 'move', trash, inbox, 'INBOX'],
  ['a move from All Mail to a label adds it', [inbox], 'move', allMail, work, 'INBOX Label_1'],
  ['a move from Sent to a label adds it', [sent], 'move', sent, work, 'Label_1 SENT'],
  ['what was sent is in Sent already', [inbox, sent], 'move', inbox, sent, 'SENT'],
  ['a draft may be trashed', [draft], 'move', draft, trash, 'DRAFT TRASH'],
]

for (const [name, labels, kind, from, to, expected] of rows)
  test(name, () => assert.equal(after(labels, kind, from, to), expected))

for (const target of [sent, draft])
  test(`nothing can be put into ${target}`, () => {
    assert.throws(() => after([inbox], 'copy', inbox, target), { code: 'cannot' })
  })

for (const target of [inbox, work, spam, starred])
  test(`a draft cannot be put into ${target}`, () => {
    assert.throws(() => after([draft], 'move', draft, target), { code: 'cannot' })
  })

test('a transfer never gives two of INBOX, SPAM and TRASH, and never changes SENT and DRAFT', () => {
  const label = fc.constantFrom(inbox, unread, starred, important, sent, spam, trash, work, home)
  const target = fc.constantFrom(inbox, starred, important, spam, trash, work, home, allMail)
  fc.assert(
    fc.property(
      fc.uniqueArray(label, { minLength: 1 }),
      fc.nat(),
      target,
      fc.constantFrom('copy' as const, 'move' as const),
      (labels, at, to, kind) => {
        const from = labels[at % labels.length] as LabelId
        const before = new Set(labels)
        const result = labelsAfterTransfer(before, kind, from, to)
        const added = [inbox, spam, trash].filter((one) => result.has(one) && !before.has(one))
        assert.ok(added.length <= 1)
        if (from !== to && added.length === 1)
          assert.equal([inbox, spam, trash].filter((one) => result.has(one)).length, 1)
        for (const one of [sent, draft]) assert.equal(result.has(one), before.has(one))
        if (to !== allMail) assert.ok(result.has(to))
      },
    ),
  )
})

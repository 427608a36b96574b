import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Label } from '#gmail/gmail.ts'
import { labelId, messageKey, modSeq } from '#mail/ids.ts'
import type { MailboxRow } from '#store/store.ts'
import { Entry } from '../entry.ts'
import type { Standing } from '../entry.ts'
import { applyLabels } from './apply-labels.ts'

const options = { categories: false, nowMs: 1_700_000_000_000 }

function labels(...names: string[]): Label[] {
  return names.map((name) => {
    const [id = '', shown = id] = name.split('=')
    const type = id.startsWith('Label_') ? 'user' : 'system'
    return { id: labelId(id), name: shown, type, labelListVisibility: undefined }
  })
}

/** The standing after these lists of labels. */
function after(...lists: Label[][]): { standing: Standing; rows: string[] } {
  let standing: Standing = {
    sync: {
      phase: 'live',
      historyId: 1n,
      modSeq: 0 as never,
      nextKey: messageKey(1),
      uidValidityMark: 1_800_000_000,
    },
    labels: [],
    mailboxes: new Map(),
    listings: new Map(),
  }
  for (const list of lists) {
    const entry = new Entry(standing)
    applyLabels(entry, standing, list, options)
    const changes = entry.changeset() ?? {}
    standing = {
      sync: {
        ...standing.sync,
        modSeq: changes.sync?.modSeq ?? modSeq(1),
        uidValidityMark: Math.max(
          standing.sync.uidValidityMark,
          ...(changes.mailboxes ?? []).map(({ uidValidity }) => uidValidity),
        ),
      },
      labels: changes.labels ?? standing.labels,
      mailboxes: new Map([
        ...standing.mailboxes,
        ...(changes.mailboxes ?? []).map((row) => [row.id, row] as const),
      ]),
      listings: standing.listings,
    }
  }
  const rows = [...standing.mailboxes.values()].map(
    (row) => `${row.id} ${row.labelId}${row.gone ? ' gone' : ''}`,
  )
  return { standing, rows }
}

test('every label that is a mailbox gets one, with a UIDVALIDITY of its own', () => {
  const { standing, rows } = after(labels('INBOX', 'UNREAD', 'Label_1=a'))
  assert.deepEqual(rows, ['1 ALL', '2 INBOX', '3 Label_1'])
  const validities = [...standing.mailboxes.values()].map((row: MailboxRow) => row.uidValidity)
  assert.deepEqual(validities, [1_800_000_001, 1_800_000_002, 1_800_000_003])
})

test('a new name changes no mailbox, a label that is gone ends its own, one made anew gets another', () => {
  const first = labels('INBOX', 'Label_1=a', 'Label_2=b')
  assert.deepEqual(after(first, labels('INBOX', 'Label_1=z', 'Label_2=b')).rows, after(first).rows)
  const { rows, standing } = after(
    first,
    labels('INBOX', 'Label_2=b'),
    labels('INBOX', 'Label_2=b', 'Label_9=a'),
  )
  assert.deepEqual(rows, ['1 ALL', '2 INBOX', '3 Label_1 gone', '4 Label_2', '5 Label_9'])
  const byId = [...standing.mailboxes.values()]
  assert.ok((byId[4]?.uidValidity ?? 0) > (byId[2]?.uidValidity ?? Infinity))
})

test('a list that leaves out one of Gmail’s own labels costs no mailbox', () => {
  assert.deepEqual(after(labels('INBOX', 'SENT', 'Label_1=a'), labels('SENT', 'Label_1=a')).rows, [
    '1 ALL',
    '2 INBOX',
    '3 SENT',
    '4 Label_1',
  ])
})

test('the same list changes nothing', () => {
  const list = labels('INBOX', 'Label_1=a')
  const { standing } = after(list)
  const entry = new Entry(standing)
  applyLabels(entry, standing, list, options)
  assert.equal(entry.changeset(), undefined)
})

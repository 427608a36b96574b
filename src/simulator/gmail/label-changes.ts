import { choices } from '../choices.ts'
import { invalidArgument } from '../errors.ts'
import type { LabelRow } from '../mailbox/labels.ts'
import type { Mailbox, MessageRow } from '../mailbox/mailbox.ts'
import { textsIn, type Body } from './body.ts'

export interface LabelChange {
  add: LabelRow[]
  remove: LabelRow[]
}

/** Labels of which a message may be given one at a time. Fact sheet section 2.7. */
const places = new Set(['INBOX', 'SPAM', 'TRASH'])

/** Reads addLabelIds and removeLabelIds and checks them against the rules of fact sheet section 2.7. Throws GmailError 400. */
export function readLabelChange(mailbox: Mailbox, body: Body): LabelChange {
  const addIds = [...new Set(textsIn(body, 'addLabelIds'))]
  const removeIds = [...new Set(textsIn(body, 'removeLabelIds'))]
  if (addIds.length === 0 && removeIds.length === 0)
    throw invalidArgument('No label add or removes specified')
  if (addIds.length > choices.labelsPerModify || removeIds.length > choices.labelsPerModify)
    throw invalidArgument(`Cannot add or remove more than ${choices.labelsPerModify} labels`)
  const both = addIds.find((id) => removeIds.includes(id))
  if (both !== undefined) throw invalidArgument(`Cannot both add and remove the same label: ${both}`)
  const add = addIds.map((id) => mailbox.labels.requireMovable(id))
  const remove = removeIds.map((id) => mailbox.labels.requireMovable(id))
  if (addIds.filter((id) => places.has(id)).length > 1)
    throw invalidArgument('Cannot add more than one of INBOX, SPAM and TRASH')
  return { add, remove }
}

/** Of a draft nothing may be made but trash (see choices). Throws GmailError 400. */
export function refuseLabelledDraft(mailbox: Mailbox, row: MessageRow, change: LabelChange): void {
  const refused = change.add.find((label) => label.id !== 'TRASH')
  if (refused && mailbox.draftIdOf(row.n) !== undefined) throw invalidArgument(`Invalid label: ${refused.id}`)
}

/** Into the trash; what it takes away is remembered for the way back (see choices). */
export function trash(mailbox: Mailbox, row: MessageRow): void {
  mailbox.db.transaction(() => {
    const label = (id: string) => mailbox.labels.require(id)
    const change = mailbox.changeLabels(row, [label('TRASH')], [label('INBOX'), label('SPAM')])
    if (change.added.length > 0) mailbox.rememberTrashedFrom(row, change.removed)
  })
}

/** Out of the trash, to where it was. */
export function untrash(mailbox: Mailbox, row: MessageRow): void {
  mailbox.db.transaction(() => {
    const label = (id: string) => mailbox.labels.require(id)
    const back = (row.trashed_from ?? '').split(' ').filter((id) => id !== '')
    const inTrash = mailbox.labelIdsOf(row.n).includes('TRASH')
    if (!inTrash) return
    mailbox.changeLabels(row, back.map(label), [label('TRASH')])
    mailbox.rememberTrashedFrom(row, undefined)
  })
}

import { keyAt } from '#mail/snapshot.ts'
import { answerHead } from '../answer-head.ts'
import { speaksUtf8 } from '../command.ts'
import type { Answers } from '../command.ts'
import { labelName, writeLabels } from '../gmail-labels.ts'
import { Places } from '../places.ts'
import type { Storing } from '../session-context.ts'
import { notYours } from '../writable.ts'
import type { StoreArgs } from './arguments.ts'

const pieceLength = 64 * 1024

/** STORE of Gmail's labels: what stands in no RFC. developers.google.com/workspace/gmail/imap/imap-extensions. */
export async function* storeLabels(
  context: Storing,
  { set, uid, silent }: StoreArgs,
  { mode, labels }: Extract<StoreArgs['change'], { kind: 'labels' }>,
): Answers {
  const { view, rights, mailstore, enabled, signal } = context
  // Labels are mailboxes, of which it may see some only.
  if (rights.mailboxes !== undefined) return notYours
  const utf8 = speaksUtf8(enabled)
  const names = labels.map((octets) => labelName(octets, utf8))
  const indexes = view.present(uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set))
  if (indexes.length === 0) return undefined
  const { told } = view
  const { keys } = new Places(told, indexes)
  await mailstore.changeLabels(told.mailbox, keys, { mode, labels: names }, signal)
  if (silent) return undefined
  const after = await mailstore.labelsOf(told.mailbox, keys)
  const uidOnly = enabled.has('UIDONLY')
  let text = ''
  for (const index of indexes) {
    const number = told.uids[index] as number
    const name = uid && !uidOnly ? `UID ${number} ` : ''
    const written = writeLabels(after.get(keyAt(told, index)) ?? [], utf8)
    text += `${answerHead(uidOnly, index, number)}${name}X-GM-LABELS ${written})\r\n`
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
  return undefined
}

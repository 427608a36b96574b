import type { LabelId } from '#mail/ids.ts'
import { delimiter } from '#mail/mailbox.ts'
import { MailError } from '#mail/errors.ts'
import type { LabelRow } from '#store/store.ts'
import { systemLabel } from '../label-rules.ts'

/** Names of X-GM-LABELS for Gmail's own labels. */
const systemWords: readonly (readonly [LabelId, string])[] = [
  [systemLabel.inbox, '\\Inbox'],
  [systemLabel.sent, '\\Sent'],
  [systemLabel.important, '\\Important'],
  [systemLabel.starred, '\\Starred'],
  [systemLabel.draft, '\\Draft'],
  [systemLabel.trash, '\\Trash'],
  [systemLabel.spam, '\\Spam'],
]

const wordsById = new Map(systemWords)
const idsByWord = new Map(systemWords.map(([id, word]) => [word.toLowerCase(), id]))

/** A label as X-GM-LABELS shows it; undefined for one that it does not show (UNREAD, categories, All Mail). */
export function labelWord(label: LabelId, userLabels: ReadonlyMap<LabelId, LabelRow>): string | undefined {
  return wordsById.get(label) ?? userLabels.get(label)?.name
}

/** The label that a word of X-GM-LABELS means; undefined for a user label that does not exist. Throws MailError `cannot`. */
export function labelOfWord(word: string, userLabels: ReadonlyMap<LabelId, LabelRow>): LabelId | undefined {
  if (word.startsWith('\\')) {
    const id = idsByWord.get(word.toLowerCase())
    if (id === undefined) throw new MailError('cannot', 'Gmail has no such label of its own')
    return id
  }
  const rows = [...userLabels.values()]
  const wanted = word.toLowerCase()
  const same = rows.find(({ name }) => name === word)
  return (same ?? rows.find(({ name }) => name.toLowerCase() === wanted))?.id
}

export function userLabelsOf(labels: readonly LabelRow[]): ReadonlyMap<LabelId, LabelRow> {
  return new Map(labels.filter(({ type }) => type === 'user').map((row) => [row.id, row]))
}

/** A mailbox name as a label's; one delimiter at the end says only that children will come. Throws MailError `cannot`. */
export function labelNameOf(mailboxName: string, prefix: string): string {
  const name = mailboxName.endsWith(delimiter) ? mailboxName.slice(0, -1) : mailboxName
  if (prefix !== '' && (name === prefix || name.startsWith(prefix + delimiter)))
    throw new MailError('cannot', `Names that begin with ${prefix} are Gmail's own`)
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name) || name.split(delimiter).some((level) => level.trim() === ''))
    throw new MailError('cannot', 'This cannot be the name of a label')
  // The label would be there under another name than the client asked for.
  if (name.trim() !== name || name.includes('  '))
    throw new MailError('cannot', 'Gmail takes no spaces at the ends of a label’s name, nor two in a row')
  return name
}

import type { CallOptions } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { LabelId, MailboxId, MessageKey } from '#mail/ids.ts'
import type { LabelChange } from '#mail/writing.ts'
import type { Book } from '../book.ts'
import { bitLabel, isUserLabel, systemLabel } from '../label-rules.ts'
import { labelOfWord, labelWord, userLabelsOf } from './label-names.ts'
import type { Mailboxes } from './mailboxes.ts'
import { messagesAtHand } from './messages-at-hand.ts'
import type { Relabeller } from './relabeller.ts'
import { isFixed, trashed } from './transfer-rules.ts'

/** X-GM-LABELS: Gmail's labels by name. */
export class LabelEditor {
  readonly #book: Book
  readonly #relabeller: Relabeller
  readonly #mailboxes: Mailboxes

  constructor(options: { book: Book; relabeller: Relabeller; mailboxes: Mailboxes }) {
    this.#book = options.book
    this.#relabeller = options.relabeller
    this.#mailboxes = options.mailboxes
  }

  /** See `MailstoreWriting.labelsOf`. */
  async labelsOf(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, readonly string[]>> {
    const own = this.#labelOf(mailbox)
    const userLabels = userLabelsOf(this.#book.labels)
    const words = new Map<MessageKey, readonly string[]>()
    const { messages } = await messagesAtHand(this.#book, mailbox, keys)
    for (const { row, labels } of messages) {
      const shown = [...labels].filter((label) => label !== own)
      words.set(row.key, shown.flatMap((label) => labelWord(label, userLabels) ?? []).sort())
    }
    return words
  }

  /**
   * See `MailstoreWriting.changeLabels`. A label that does not exist is made when it is to be added, as Gmail's own IMAP
   * does. `replace` leaves the mailbox's own label, which is not shown, and what Gmail alone sets.
   */
  async changeLabels(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: LabelChange,
    signal: AbortSignal,
  ): Promise<void> {
    const own = this.#labelOf(mailbox)
    const { messages, reading } = await messagesAtHand(this.#book, mailbox, keys)
    if (messages.length === 0) return
    const wanted = await this.#labelsOfWords(change, signal)
    const call: CallOptions = { lane: 'person', cause: 'labels', signal }
    await this.#relabeller.relabel(
      reading,
      messages.map(({ row, labels }) => ({
        row,
        before: labels,
        after: afterChange(labels, change, wanted, own),
      })),
      call,
    )
  }

  async #labelsOfWords({ labels, mode }: LabelChange, signal: AbortSignal): Promise<Set<LabelId>> {
    const wanted = new Set<LabelId>()
    const userLabels = userLabelsOf(this.#book.labels)
    for (const word of labels) {
      const known = labelOfWord(word, userLabels)
      if (known !== undefined) wanted.add(known)
      else if (mode !== 'remove') wanted.add((await this.#mailboxes.create(word, true, signal)).labelId)
    }
    return wanted
  }

  #labelOf(mailbox: MailboxId): LabelId {
    const row = this.#book.mailboxes.get(mailbox)
    if (row === undefined || row.gone) throw new MailError('nonexistent', 'There is no such mailbox')
    return row.labelId
  }
}

const places = [systemLabel.inbox, systemLabel.spam, systemLabel.trash]

function afterChange(
  labels: ReadonlySet<LabelId>,
  { mode }: LabelChange,
  wanted: ReadonlySet<LabelId>,
  own: LabelId,
): Set<LabelId> {
  const after = new Set(labels)
  if (mode === 'replace')
    for (const label of labels) if (isReplaced(label, own) && !wanted.has(label)) after.delete(label)
  for (const label of wanted) {
    if (isFixed(label) && labels.has(label) !== (mode !== 'remove'))
      throw new MailError('cannot', 'Gmail alone decides which messages are sent mail and drafts')
    if (mode === 'remove') after.delete(label)
    else after.add(label)
  }
  const added = places.filter((label) => after.has(label) && !labels.has(label))
  if (added.length > 1) throw new MailError('cannot', 'A message is in one of Inbox, Spam and Trash')
  const [place] = added
  if (place === systemLabel.trash) return trashed(after)
  if (place !== undefined) for (const label of places) if (label !== place) after.delete(label)
  return after
}

function isReplaced(label: LabelId, own: LabelId): boolean {
  if (label === own || isFixed(label) || label === systemLabel.unread) return false
  return (
    bitLabel(label) !== undefined ||
    label === systemLabel.inbox ||
    isUserLabel(label) ||
    places.includes(label)
  )
}

import { MailError } from '#mail/errors.ts'
import type { LabelId } from '#mail/ids.ts'
import { allMail, bitLabel, isHidden, systemLabel } from '../label-rules.ts'

export type TransferKind = 'copy' | 'move'

type Labels = ReadonlySet<LabelId>

/** What nobody can put on or take off a message. Fact sheet section 2.7. */
const fixed: Labels = new Set([systemLabel.sent, systemLabel.draft, systemLabel.chat])

export function isFixed(label: LabelId): boolean {
  return fixed.has(label)
}

/**
 * The labels of a message after a COPY or MOVE from the mailbox of one label to that of another, as Gmail's own IMAP does
 * it (peers sheet section 1.5). A message has one of INBOX, SPAM and TRASH, so a copy into Spam or Trash, or out of them,
 * is a move. All Mail and Sent cannot be left by a move other than to Spam or Trash: the message is then in both.
 * Throws MailError `cannot` for Sent and Drafts as a target, and for drafts into anything but Trash.
 */
export function labelsAfterTransfer(
  labels: Labels,
  kind: TransferKind,
  from: LabelId,
  to: LabelId,
): Set<LabelId> {
  if (from === to) return new Set(labels)
  if (to === systemLabel.trash) return trashed(labels)
  const after = new Set(labels)
  if (kind === 'move' || to === systemLabel.spam || isHidden(labels)) leave(after, from)
  if (to === allMail) return visible(after)
  if (labels.has(to)) return after
  if (isFixed(to))
    throw new MailError('cannot', 'Gmail alone decides which messages are in Sent Mail and Drafts')
  if (labels.has(systemLabel.draft))
    throw new MailError('cannot', 'Gmail keeps drafts in Drafts; they can only be moved to Trash')
  visible(after)
  if (to === systemLabel.spam) after.delete(systemLabel.inbox)
  after.add(to)
  return after
}

/** In Trash a message has no other place, only its flags, and what cannot be taken off. */
export function trashed(labels: Labels): Set<LabelId> {
  const kept = [...labels].filter(
    (label) => isFixed(label) || bitLabel(label) !== undefined || label.startsWith('CATEGORY_'),
  )
  return new Set([...kept, systemLabel.trash])
}

function visible(labels: Set<LabelId>): Set<LabelId> {
  labels.delete(systemLabel.spam)
  labels.delete(systemLabel.trash)
  return labels
}

function leave(labels: Set<LabelId>, from: LabelId): void {
  if (!isFixed(from)) labels.delete(from)
}

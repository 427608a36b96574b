import { FlagBit } from '#mail/flags.ts'
import type { LabelId } from '#mail/ids.ts'

/** Gmail's own labels that mean something here. Fact sheet section 2.9. */
export const systemLabel = {
  inbox: 'INBOX' as LabelId,
  unread: 'UNREAD' as LabelId,
  starred: 'STARRED' as LabelId,
  important: 'IMPORTANT' as LabelId,
  draft: 'DRAFT' as LabelId,
  sent: 'SENT' as LabelId,
  spam: 'SPAM' as LabelId,
  trash: 'TRASH' as LabelId,
  chat: 'CHAT' as LabelId,
} as const

/** Stands for All Mail where a label id is wanted; Gmail has no such label. */
export const allMail = 'ALL' as LabelId

const ownIds: ReadonlySet<LabelId> = new Set([...Object.values(systemLabel), allMail])

/** Whether a label is one that the person made. Nothing is promised of its id, but Gmail's own are known by theirs. */
export function isUserLabel(label: LabelId): boolean {
  return !ownIds.has(label) && !/^CATEGORY_|_(?:STAR|CIRCLE)$/.test(label)
}

/** A label that is a flag. */
export interface BitLabel {
  readonly label: LabelId
  readonly bit: FlagBit
  /** The label says that the bit is absent. */
  readonly inverted: boolean
}

export const bitLabels: readonly BitLabel[] = [
  { label: systemLabel.unread, bit: FlagBit.seen, inverted: true },
  { label: systemLabel.starred, bit: FlagBit.flagged, inverted: false },
  { label: systemLabel.draft, bit: FlagBit.draft, inverted: false },
  { label: systemLabel.important, bit: FlagBit.important, inverted: false },
]

const bitLabelById = new Map(bitLabels.map((entry) => [entry.label, entry]))

/** The bits that Gmail keeps as labels. */
export const labelBits = bitLabels.reduce((bits, { bit }) => bits | bit, 0)

/** The flag that this label is; undefined for others. */
export function bitLabel(label: LabelId): BitLabel | undefined {
  return bitLabelById.get(label)
}

/** The labels that bits stand for. */
export function labelsOfBits(bits: number): LabelId[] {
  return bitLabels.filter(({ bit, inverted }) => ((bits & bit) !== 0) !== inverted).map(({ label }) => label)
}

/** `bits` with those that are labels set as the labels say; the others stay. */
export function bitsOfLabels(labels: ReadonlySet<LabelId>, bits: number): number {
  let result = bits & ~labelBits
  for (const { label, bit, inverted } of bitLabels) if (labels.has(label) !== inverted) result |= bit
  return result
}

/**
 * The labels whose mailboxes a message is in. In Spam or Trash it is there and nowhere else, as Gmail's own lists have
 * it; everything else is in All Mail. Chats are in nothing. Labels that are no mailbox are the caller's to leave out.
 */
export function placesOfLabels(labels: ReadonlySet<LabelId>): ReadonlySet<LabelId> {
  if (labels.has(systemLabel.chat)) return new Set()
  if (isHidden(labels)) {
    const away = [systemLabel.spam, systemLabel.trash]
    return new Set(away.filter((label) => labels.has(label)))
  }
  return new Set([...labels, allMail])
}

/** In Spam or Trash: Gmail's lists of other labels leave it out, so its other labels cannot be told from them. */
export function isHidden(labels: ReadonlySet<LabelId>): boolean {
  return labels.has(systemLabel.spam) || labels.has(systemLabel.trash)
}

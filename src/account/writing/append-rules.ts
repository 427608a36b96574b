import { FlagBit } from '#mail/flags.ts'
import type { LabelId } from '#mail/ids.ts'
import { allMail, labelBits, systemLabel } from '../label-rules.ts'

/**
 * Octets of a message that may be put in: 50 MiB, what every copy of Gmail's discovery document allows for insert, and as
 * long as any mail that Gmail takes from outside. Fact sheet section 1.3.
 */
export const appendLimitBytes = 52_428_800
/** Of a draft: 35 MiB. Fact sheet section 1.3. */
export const draftLimitBytes = 36_700_160

/** The labels of a message put into the mailbox of a label with these flags. All Mail is nobody's label. */
export function labelsForAppend(label: LabelId, bits: number): LabelId[] {
  const labels = new Set<LabelId>(label === allMail ? [] : [label])
  if ((bits & FlagBit.seen) === 0) labels.add(systemLabel.unread)
  if ((bits & FlagBit.flagged) !== 0) labels.add(systemLabel.starred)
  if ((bits & FlagBit.important) !== 0) labels.add(systemLabel.important)
  return [...labels]
}

/** The flags that Gmail does not keep: they stay here, per message. */
export function localBits(bits: number): number {
  return bits & ~(labelBits | FlagBit.deleted)
}

/**
 * Gmail takes no date with a message, only one of two: the Date field's, or now. The nearer one is chosen; what the
 * client said is what its clients are shown. Epoch milliseconds. Fact sheet section 2.5.
 */
export function dateSource(
  wanted: number | undefined,
  sentDate: number | undefined,
  now: number,
): 'dateHeader' | 'receivedTime' {
  if (wanted === undefined || sentDate === undefined) return 'receivedTime'
  return Math.abs(sentDate - wanted) <= Math.abs(now - wanted) ? 'dateHeader' : 'receivedTime'
}

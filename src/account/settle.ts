import type { LabelId, MailboxId, MessageKey } from '#mail/ids.ts'
import type { MailboxRow, MembershipRow, MessageRow, StagedRef } from '#store/store.ts'
import type { Entry } from './entry.ts'
import { bitLabel, bitsOfLabels, labelsOfBits, placesOfLabels } from './label-rules.ts'

type KnownMessage = Pick<MessageRow, 'key' | 'bits' | 'keywords'>

/** A message as the store has it before an entry. */
export interface Present {
  readonly message: KnownMessage | undefined
  readonly memberships: readonly MembershipRow[]
}

/** Where labels lead, and back. */
export interface Places {
  /** The mailbox of a label; undefined for a label that is none. */
  mailboxOf(label: LabelId): Pick<MailboxRow, 'id'> | undefined
  labelOf(mailbox: MailboxId): LabelId | undefined
}

/**
 * The labels that the store knows of a message. Those that are flags are as its bits say: its place in their mailboxes may be owed
 * (see OwedPlaces). In Spam and Trash these are not all that Gmail knows.
 */
export function labelsPresent({ message, memberships }: Present, places: Places): Set<LabelId> {
  const labels = new Set(message === undefined ? [] : labelsOfBits(message.bits))
  for (const { mailbox } of memberships) {
    const label = places.labelOf(mailbox)
    if (label !== undefined && bitLabel(label) === undefined) labels.add(label)
  }
  return labels
}

/**
 * Brings a message to the state that these labels say; what is so already is left alone, so that hearing the same twice
 * does nothing. Returns its key, or undefined for one that belongs in no mailbox.
 */
export function settle(
  entry: Entry,
  ref: StagedRef,
  labels: ReadonlySet<LabelId>,
  present: Present,
  places: Places,
): MessageKey | undefined {
  const wanted = new Set<MailboxId>()
  for (const label of placesOfLabels(labels)) {
    const mailbox = places.mailboxOf(label)
    if (mailbox !== undefined) wanted.add(mailbox.id)
  }
  const known = present.message
  if (wanted.size === 0) {
    if (known !== undefined) entry.forget(known.key, present.memberships)
    return undefined
  }
  const bits = bitsOfLabels(labels, known?.bits ?? 0)
  const message = known === undefined ? entry.addMessage(ref, bits) : { ...known, bits }
  const staying: MembershipRow[] = []
  for (const member of present.memberships) {
    if (wanted.delete(member.mailbox)) staying.push(member)
    else entry.leave(member)
  }
  for (const mailbox of wanted) entry.join(mailbox, message)
  if (known !== undefined && known.bits !== bits) entry.setFlags(message, staying)
  return message.key
}

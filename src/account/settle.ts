import type { LabelId, MailboxId, MessageKey } from '#mail/ids.ts'
import type { MailboxRow, MembershipRow, MessageRow, StagedRef } from '#store/store.ts'
import type { Entry } from './entry.ts'
import { bitLabel, bitsOfLabels, labelBits, labelsOfBits, placesOfLabels } from './label-rules.ts'
import { onceEach } from './once-each.ts'

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

/** As `labelsPresent`; messages with the same labels get the same set, which must not be changed. */
export function labelReader(places: Places): (present: Present) => ReadonlySet<LabelId> {
  const known = new Map<string, ReadonlySet<LabelId>>()
  return (present) => {
    let name = present.message === undefined ? 'unknown' : `${present.message.bits & labelBits}`
    for (const { mailbox } of present.memberships) name += ` ${mailbox}`
    let labels = known.get(name)
    if (labels === undefined) {
      labels = labelsPresent(present, places)
      known.set(name, labels)
    }
    return labels
  }
}

/** Settles one message, see Settler. */
export function settle(
  entry: Entry,
  ref: StagedRef,
  labels: ReadonlySet<LabelId>,
  present: Present,
  places: Places,
): MessageKey | undefined {
  return new Settler(entry, places).settle(ref, labels, present)
}

/** Brings the messages of one entry to the state that their labels say. */
export class Settler {
  readonly #entry: Entry
  /** The mailboxes of a set of labels. */
  readonly #placesOf: (labels: ReadonlySet<LabelId>) => readonly MailboxId[]

  constructor(entry: Entry, places: Places) {
    this.#entry = entry
    this.#placesOf = onceEach((labels) => [
      ...new Set([...placesOfLabels(labels)].flatMap((label) => places.mailboxOf(label)?.id ?? [])),
    ])
  }

  /**
   * What is so already is left alone, so that hearing the same twice does nothing. Returns the message's key, or undefined for one
   * that belongs in no mailbox. `labels` must not be changed afterwards.
   */
  settle(ref: StagedRef, labels: ReadonlySet<LabelId>, present: Present): MessageKey | undefined {
    const entry = this.#entry
    const wanted = this.#placesOf(labels)
    const known = present.message
    if (wanted.length === 0) {
      if (known !== undefined) entry.forget(known.key, present.memberships)
      return undefined
    }
    const bits = bitsOfLabels(labels, known?.bits ?? 0)
    const message = known === undefined ? entry.addMessage(ref, bits) : { ...known, bits }
    const staying: MembershipRow[] = []
    for (const member of present.memberships) {
      if (wanted.includes(member.mailbox)) staying.push(member)
      else entry.leave(member)
    }
    if (staying.length < wanted.length)
      for (const mailbox of wanted)
        if (!staying.some((member) => member.mailbox === mailbox)) entry.join(mailbox, message)
    if (known !== undefined && known.bits !== bits) entry.setFlags(message, staying)
    return message.key
  }
}

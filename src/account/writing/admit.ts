import type { LabelId, MessageKey } from '#mail/ids.ts'
import type { NewMail } from '#mail/writing.ts'
import type { StagedRef } from '#store/store.ts'
import type { Entry } from '../entry.ts'
import { changedFlags, sameFlags } from '../flag-change.ts'
import { bitsOfLabels, placesOfLabels } from '../label-rules.ts'
import { settle } from '../settle.ts'
import type { Places, Present } from '../settle.ts'
import { localBits } from './append-rules.ts'

/**
 * Places a message that was just put in at Gmail, with the flags that only Postern keeps. History may have told of it
 * already. Returns its key, or undefined for one that belongs in no mailbox.
 */
export function admit(
  entry: Entry,
  ref: StagedRef,
  labels: ReadonlySet<LabelId>,
  { bits, keywords }: Pick<NewMail, 'bits' | 'keywords'>,
  present: Present,
  places: Places,
): MessageKey | undefined {
  const local = { mode: 'add', bits: localBits(bits), keywords } as const
  const known = present.message
  if (known === undefined) {
    const flags = changedFlags({ bits: bitsOfLabels(labels, 0), keywords: [] }, local)
    const message = entry.addMessage(ref, flags.bits, flags.keywords)
    for (const label of placesOfLabels(labels)) {
      const mailbox = places.mailboxOf(label)
      if (mailbox !== undefined) entry.join(mailbox.id, message)
    }
    return message.key
  }
  const message = { key: known.key, ...changedFlags(known, local) }
  settle(entry, ref, labels, { ...present, message }, places)
  const after = { ...message, bits: bitsOfLabels(labels, message.bits) }
  const wanted = placesOfLabels(labels)
  const staying = present.memberships.filter(({ mailbox }) => {
    const label = places.labelOf(mailbox)
    return label !== undefined && wanted.has(label)
  })
  if (!sameFlags(known, after)) entry.setFlags(after, staying)
  return known.key
}

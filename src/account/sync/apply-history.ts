import type { LabelId, MessageId, MessageKey } from '#mail/ids.ts'
import type { Entry } from '../entry.ts'
import { isHidden, systemLabel } from '../label-rules.ts'
import { labelsPresent, settle } from '../settle.ts'
import type { Places, Present } from '../settle.ts'
import type { Effect } from './history-fold.ts'

/**
 * All labels of a message after an effect; `gone` when it exists no more; `unsure` when neither history nor store tells
 * them: a message never heard of, one whose changes were not told, or one that came out of Spam or Trash, where its other
 * labels cannot be seen.
 */
export function labelsAfter(
  effect: Effect,
  present: Present,
  places: Places,
): Set<LabelId> | 'gone' | 'unsure' {
  if (effect.deleted) return 'gone'
  const { labels } = effect
  // One that came just now may have been listed by one of its labels already: the store cannot tell the others.
  if (present.message === undefined || effect.arrived || effect.untold) return labels ?? 'unsure'
  const after = labelsPresent(present, places)
  // A move of ours may have brought it out before history told of it.
  const wasHidden =
    isHidden(after) ||
    [systemLabel.spam, systemLabel.trash].some((label) => effect.changes.get(label) === false)
  for (const [label, isPresent] of effect.changes) {
    if (isPresent) after.add(label)
    else after.delete(label)
  }
  return wasHidden && !isHidden(after) ? (labels ?? 'unsure') : after
}

/** A message that is new here. */
export interface Arrival {
  readonly key: MessageKey
  readonly messageId: MessageId
}

/** What a get told of messages about which history left us unsure. */
type Asked = ReadonlyMap<MessageId, ReadonlySet<LabelId> | 'gone'>

/**
 * Brings the store's messages to the state that history tells. One that is still unsure is left as it is.
 * Returns the messages that are new here.
 */
export function applyHistory(
  entry: Entry,
  effects: Iterable<Effect>,
  presentOf: (id: MessageId) => Present,
  asked: Asked,
  places: Places,
): Arrival[] {
  const arrived: Arrival[] = []
  for (const effect of effects) {
    const { messageId } = effect.ref
    const present = presentOf(messageId)
    const after = (effect.deleted ? undefined : asked.get(messageId)) ?? labelsAfter(effect, present, places)
    if (after === 'unsure') continue
    if (after === 'gone') {
      if (present.message !== undefined) entry.forget(present.message.key, present.memberships)
      continue
    }
    const key = settle(entry, effect.ref, after, present, places)
    if (key !== undefined && present.message === undefined) arrived.push({ key, messageId })
  }
  return arrived
}

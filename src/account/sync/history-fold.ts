import type { HistoryEvent } from '#gmail/gmail.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import type { StagedRef } from '#store/store.ts'

/** What a stretch of history comes to for one message, however many records spoke of it. */
export interface Effect {
  readonly ref: StagedRef
  /** How many records spoke of it. */
  records: number
  /** It exists no more. */
  deleted: boolean
  /** It came in this stretch. */
  arrived: boolean
  /** All its labels, where a record told them; kept up to date by the records after it. */
  labels: Set<LabelId> | undefined
  /** Labels came or went of which no record told which. */
  untold: boolean
  /** Labels that records added (true) or took away (false), the last word of each. */
  readonly changes: Map<LabelId, boolean>
}

/** In order of first appearance, so that UIDs are given in order of arrival. */
export type Effects = Map<MessageId, Effect>

/** Adds a page to the fold. Repeated records change nothing. Fact sheet section 2.10. */
export function foldHistory(effects: Effects, events: readonly HistoryEvent[]): void {
  for (const event of events) {
    const { id, threadId } = event.message
    let effect = effects.get(id)
    if (effect === undefined) {
      effect = {
        ref: { messageId: id, threadId },
        records: 0,
        deleted: false,
        arrived: false,
        labels: undefined,
        untold: false,
        changes: new Map(),
      }
      effects.set(id, effect)
    }
    effect.records++
    if (event.kind === 'deleted') effect.deleted = true
    else if (event.kind === 'added') {
      effect.deleted = false
      effect.arrived = true
      effect.labels = event.labelIds === undefined ? undefined : new Set(event.labelIds)
      effect.untold = false
      effect.changes.clear()
    } else if (event.labelIds === undefined) {
      effect.untold = true
      effect.labels = event.current === undefined ? undefined : new Set(event.current)
    } else {
      const present = event.kind === 'labels-added'
      if (event.current !== undefined) effect.labels = new Set(event.current)
      for (const label of event.labelIds) {
        effect.changes.set(label, present)
        if (present) effect.labels?.add(label)
        else effect.labels?.delete(label)
      }
    }
  }
}

/** Every label that the fold speaks of. */
export function labelsInFold(effects: Effects): Set<LabelId> {
  const labels = new Set<LabelId>()
  for (const effect of effects.values()) {
    if (effect.deleted) continue
    for (const label of effect.labels ?? []) labels.add(label)
    for (const label of effect.changes.keys()) labels.add(label)
  }
  return labels
}

import type { Gmail } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import { allMail, isHidden } from '../label-rules.ts'
import type { Effects } from './history-fold.ts'
import { readHistory } from './history-reading.ts'
import { listsHidden } from './listing-order.ts'

/** Listing a label again may be overtaken again; what is left out then comes with the next listing of everything. */
const timesAtMost = 2

interface Watch {
  /** A history id from before its first page; undefined for that of the whole listing. */
  since: bigint | undefined
  times: number
}

/**
 * Where page tokens are counts, whoever leaves a list while it is paged moves all who come after by one place: one of them is
 * on no page. No history tells of that one, but of the one who left. SPEC.md, Listing 8.
 */
export class ShiftedPages {
  readonly #gmail: Gmail
  readonly #watched = new Map<LabelId, Watch>()
  #latest: bigint | undefined

  constructor(gmail: Gmail) {
    this.#gmail = gmail
  }

  /** Labels are about to be listed, or are none any more. */
  startAgain(): void {
    this.#watched.clear()
    this.#latest = undefined
  }

  /** The first page of a label is about to be asked for. */
  begins(label: LabelId): void {
    const times = this.#watched.get(label)?.times ?? 0
    this.#watched.set(label, { since: this.#latest, times })
  }

  /**
   * Whether a label that took several pages should be listed again: somebody left its list since its first page, or, where that is
   * not known, since the history id `start`. 2 units.
   */
  async isSuspect(label: LabelId, start: bigint | undefined, signal: AbortSignal): Promise<boolean> {
    const watch = this.#watched.get(label) ?? { since: undefined, times: 0 }
    const since = watch.since ?? start
    if (since === undefined || watch.times >= timesAtMost) return false
    const stretch = await readHistory(this.#gmail, since, new Map(), signal)
    // Then everything is listed anew in any case.
    if (stretch === 'lost') return false
    this.#latest = stretch.historyId
    if (!isLeft(label, stretch.effects)) return false
    this.#watched.set(label, { since, times: watch.times + 1 })
    return true
  }
}

/** Whether somebody left the list of a label. */
function isLeft(label: LabelId, effects: Effects): boolean {
  for (const { deleted, untold, changes } of effects.values()) {
    if (deleted || untold || (label !== allMail && changes.get(label) === false)) return true
    const added = [...changes].flatMap(([other, isPresent]) => (isPresent ? [other] : []))
    if (!listsHidden(label) && isHidden(new Set(added))) return true
  }
  return false
}

import { lowerBound } from './snapshot.ts'

/** When messages came into one mailbox, as runs of UIDs that came together. RFC 8514. */
export class SaveDates {
  /** The first UID of each run, ascending. */
  readonly uids: readonly number[]
  /** Epoch milliseconds of each run, to the second; undefined where it is not known. */
  readonly at: readonly (number | undefined)[]

  constructor(uids: readonly number[], at: readonly (number | undefined)[]) {
    this.uids = uids
    this.at = at
  }

  /** Of rows as a store has them: the first UID of a run, and its time or null. Ascending. */
  static ofRows(rows: readonly (readonly [uid: number, at: number | null])[]): SaveDates {
    return new SaveDates(
      rows.map(([uid]) => uid),
      rows.map(([, at]) => at ?? undefined),
    )
  }

  /** Undefined when it is not known: the message was there before Postern saw the mailbox. */
  of(uid: number): number | undefined {
    return this.at[lowerBound(this.uids, uid + 1) - 1]
  }
}

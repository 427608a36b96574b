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

  /** Undefined when it is not known: the message was there before Postern saw the mailbox. */
  of(uid: number): number | undefined {
    let low = 0
    let high = this.uids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.uids[middle] as number) <= uid) low = middle + 1
      else high = middle
    }
    return this.at[low - 1]
  }
}

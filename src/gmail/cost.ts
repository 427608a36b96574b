/** Quota units by method, for projects made on or after 2026-05-01. Fact sheet section 1.2. */
export const unitsByMethod = {
  getProfile: 1,
  'labels.list': 1,
  'labels.get': 1,
  'history.list': 2,
  'messages.list': 5,
  'messages.get': 20,
  'messages.modify': 5,
  'messages.batchModify': 50,
  // Not in the new table; the old price. Fact sheet section 1.2.
  'settings.getImap': 1,
} as const

export type Method = keyof typeof unitsByMethod

/** messages.send and watch: what a bucket must be able to hold, whatever the quota. */
export const dearestCallUnits = 100

/** Ids that one batchModify takes. Fact sheet section 1.3. */
export const batchModifyIds = 1000

/**
 * Slices of ids for the least units: batches by 1,000, and the rest one by one where that is cheaper. So k messages cost
 * 50 * floor(k / 1000) + min(5r, 50) with r = k mod 1000.
 */
export function planModify<Id>(ids: readonly Id[]): { batches: Id[][]; singles: Id[] } {
  const batches: Id[][] = []
  let start = 0
  while (start < ids.length && !singlesAreCheaper(ids.length - start)) {
    batches.push(ids.slice(start, start + batchModifyIds))
    start += batchModifyIds
  }
  return { batches, singles: ids.slice(start) }
}

function singlesAreCheaper(count: number): boolean {
  return count * unitsByMethod['messages.modify'] < unitsByMethod['messages.batchModify']
}

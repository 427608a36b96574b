/** What the layers must know of a method. */
interface Traits {
  /** Quota units, for projects made on or after 2026-05-01. Fact sheet section 1.2. */
  readonly units: number
  /**
   * `always`: the second time changes nothing more than the first, so it may be repeated after a lost answer.
   * `if-not-begun`: each one that Gmail gets is a message, draft or label more. It is repeated only when Gmail surely did
   * not do it: refused for quota, or never connected.
   */
  readonly repeat: 'always' | 'if-not-begun'
}

export const traitsByMethod = {
  getProfile: always(1),
  'labels.list': always(1),
  'labels.get': always(1),
  'labels.create': once(5),
  // Not in the table; taken for an update. Fact sheet section 1.2.
  'labels.patch': always(5),
  'labels.delete': always(5),
  'history.list': always(2),
  'messages.list': always(5),
  'messages.get': always(20),
  'messages.modify': always(5),
  'messages.batchModify': always(50),
  'messages.insert': once(25),
  'messages.send': once(100),
  'messages.delete': always(10),
  'messages.batchDelete': always(50),
  'drafts.list': always(5),
  'drafts.get': always(20),
  'drafts.create': once(10),
  // States what the draft shall be; the id stays.
  'drafts.update': always(15),
  'drafts.delete': always(10),
  'drafts.send': once(100),
  watch: always(100),
  // Settings are not in the new table; the old price. Fact sheet section 1.2.
  'settings.getImap': always(1),
  'settings.getPop': always(1),
  'settings.sendAs.list': always(1),
} satisfies Record<string, Traits>

export type Method = keyof typeof traitsByMethod

/** messages.send and watch: what a bucket must be able to hold, whatever the quota. */
export const dearestCallUnits = 100

/** Ids that one batchModify or batchDelete takes. Fact sheet section 1.3. */
const batchIds = 1000

/** Ids in batches, and the rest one by one where that is cheaper. */
export interface Plan<Id> {
  readonly batches: Id[][]
  readonly singles: Id[]
}

/** k messages cost 50 * floor(k / 1000) + min(5r, 50) with r = k mod 1000. */
export function planModify<Id>(ids: readonly Id[]): Plan<Id> {
  return plan(ids, traitsByMethod['messages.modify'], traitsByMethod['messages.batchModify'])
}

/** k messages cost 50 * floor(k / 1000) + min(10r, 50) with r = k mod 1000. */
export function planDelete<Id>(ids: readonly Id[]): Plan<Id> {
  return plan(ids, traitsByMethod['messages.delete'], traitsByMethod['messages.batchDelete'])
}

function plan<Id>(ids: readonly Id[], single: Traits, batch: Traits): Plan<Id> {
  const batches: Id[][] = []
  let start = 0
  while (start < ids.length && (ids.length - start) * single.units >= batch.units) {
    batches.push(ids.slice(start, start + batchIds))
    start += batchIds
  }
  return { batches, singles: ids.slice(start) }
}

function always(units: number): Traits {
  return { units, repeat: 'always' }
}

function once(units: number): Traits {
  return { units, repeat: 'if-not-begun' }
}

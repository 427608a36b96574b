import { formatNumbers, hasSaved } from '#mail/number-set.ts'
import { indexOfUid, type MailboxSnapshot } from '#mail/snapshot.ts'
import { everyKey, type SearchKey } from '../search/key.ts'

/** What a client keeps of a search: what it found, by UID, and what is to be told when that changes. RFC 5267 section 4.3. */
export interface SearchContext {
  /** Of the command; names it from then on. */
  readonly tag: string
  readonly uid: boolean
  readonly key: SearchKey
  /** Puts indexes into the view in order; undefined for SEARCH, whose results are ascending. */
  readonly order: ((found: Uint32Array) => Promise<Uint32Array>) | undefined
  /** UIDs of the results as the client has them. */
  results: Uint32Array
  /** What the view told when the results were so. */
  seen: MailboxSnapshot
}

/**
 * Whether results change only with messages that come, go or change themselves: not with the clock, with the numbers of
 * messages, or with what only Gmail tells.
 */
export function canFollow(tree: SearchKey): boolean {
  for (const key of everyKey(tree))
    switch (key.kind) {
      case 'gmail':
      case 'label':
      case 'age':
        return false
      case 'numbers':
        if (key.of === 'seq' || hasSaved(key.set)) return false
        // The largest UID is another's when a message comes.
        if (key.set.some(({ from, to }) => from === Infinity || to === Infinity)) return false
        break
      default:
    }
  return true
}

/** `* ESEARCH (TAG "a1") UID REMOVEFROM (…) ADDTO (…)`, the numbers being those of `told`; positions count from 1 in sorted results. */
export function updateLine(
  { tag, uid, order }: SearchContext,
  told: MailboxSnapshot,
  { removed, added }: { readonly removed: readonly Place[]; readonly added: readonly Place[] },
): string {
  const number = (one: number) => (uid ? one : indexOfUid(told, one) + 1)
  const list = (places: readonly Place[]) =>
    order === undefined
      ? `0 ${formatNumbers(places.map((place) => number(place.uid)))}`
      : places.map((place) => `${place.position} ${number(place.uid)}`).join(' ')
  let text = `* ESEARCH (TAG "${tag}")${uid ? ' UID' : ''}`
  if (removed.length > 0) text += ` REMOVEFROM (${list(removed)})`
  if (added.length > 0) text += ` ADDTO (${list(added)})`
  return `${text}\r\n`
}

/** A result and where it is, from 1, when the client comes to it: each removal and addition shifts those behind it. */
export interface Place {
  readonly uid: number
  readonly position: number
}

/** The results without some; those that are taken out, the last first where they are sorted, so that no position shifts. */
export function takeOut(
  { results, order }: SearchContext,
  isLeaving: (uid: number) => boolean,
): { readonly left: Uint32Array; readonly removed: Place[] } {
  const removed: Place[] = []
  for (const [at, uid] of results.entries()) if (isLeaving(uid)) removed.push({ uid, position: at + 1 })
  if (removed.length === 0) return { left: results, removed }
  return {
    left: results.filter((uid) => !isLeaving(uid)),
    removed: order === undefined ? removed : removed.toReversed(),
  }
}

/** The place of each of these UIDs in the results, the first first. */
export function placesIn(results: Uint32Array, uids: ReadonlySet<number>): Place[] {
  const places: Place[] = []
  for (const [at, uid] of results.entries()) if (uids.has(uid)) places.push({ uid, position: at + 1 })
  return places
}

import type { FlagSet } from '#mail/flags.ts'
import type { MessageKey } from '#mail/ids.ts'
import { hasSaved, resolveRanges, withoutSaved, type NumberSet } from '#mail/number-set.ts'
import { lowerBound, type MailboxSnapshot } from '#mail/snapshot.ts'
import { indexesOfSaved } from '../set-indexes.ts'
import type { View } from '../view.ts'
import type { Ground } from './compile.ts'
import { everyKey, type SearchKey } from './key.ts'

/** Messages times keys that are looked at without a pause: a few milliseconds. */
const looks = 4_000_000

/**
 * For every message of the view 1 where it matches, else 0: a column for each key, put together. Undefined when the view alone
 * does not decide, or when it would take so long that others must have a turn meanwhile.
 */
export function columnOf(key: SearchKey, ground: Ground): Uint8Array | undefined {
  const keys = [...everyKey(key)].length
  if (keys * ground.view.told.uids.length > looks) return undefined
  return column(key, ground)
}

function column(key: SearchKey, ground: Ground): Uint8Array | undefined {
  const { view, gmail, labelled } = ground
  const { told } = view
  switch (key.kind) {
    case 'and':
    case 'or':
      return joined(key, ground)
    case 'not': {
      const inner = column(key.key, ground)
      return inner === undefined ? undefined : turned(inner)
    }
    case 'constant':
      return new Uint8Array(told.uids.length).fill(key.matches ? 1 : 0)
    case 'flag':
      return byFlags(told, ({ bits }) => ((bits & key.bits) !== 0) === key.set)
    case 'recent':
      return Uint8Array.from(told.uids, (uid) => (view.recent.has(uid) ? 1 : 0))
    case 'keyword':
      return byFlags(told, (set) => hasKeyword(set, key.name) === key.set)
    case 'numbers':
      return byNumbers(view, key.of, key.set)
    case 'modseq':
      return byModSeq(told, key.least)
    case 'gmail':
      return byKeys(told, gmail.get(key.query))
    case 'label':
      return byKeys(told, labelled.get(key))
    default:
      return undefined
  }
}

/** Whether a keyword, in lower case, is among the free ones. */
export function hasKeyword({ keywords }: FlagSet, name: string): boolean {
  return keywords.some((keyword) => keyword.toLowerCase() === name)
}

/** 1 for each combination of flags that matches: it is worked out once, however many messages have it. */
export function tableOf({ flagTable }: MailboxSnapshot, matches: (set: FlagSet) => boolean): Uint8Array {
  const table = new Uint8Array(flagTable.size)
  for (let index = 0; index < table.length; index++) table[index] = matches(flagTable.get(index)) ? 1 : 0
  return table
}

function joined({ kind, keys }: Extract<SearchKey, { kind: 'and' | 'or' }>, ground: Ground) {
  let result: Uint8Array | undefined
  for (const key of keys) {
    const one = column(key, ground)
    if (one === undefined) return undefined
    if (result === undefined) result = one
    else if (kind === 'and')
      for (let i = 0; i < one.length; i++) result[i] = (result[i] as number) & (one[i] as number)
    else for (let i = 0; i < one.length; i++) result[i] = (result[i] as number) | (one[i] as number)
  }
  return result
}

function turned(result: Uint8Array): Uint8Array {
  for (let i = 0; i < result.length; i++) result[i] = 1 - (result[i] as number)
  return result
}

function byFlags(told: MailboxSnapshot, matches: (set: FlagSet) => boolean): Uint8Array {
  const table = tableOf(told, matches)
  const { flags } = told
  const result = new Uint8Array(flags.length)
  for (let i = 0; i < result.length; i++) result[i] = table[flags[i] as number] as number
  return result
}

/** Numbers that are not in use match nothing. */
function byNumbers({ told, saved }: View, of: 'seq' | 'uid', set: NumberSet): Uint8Array {
  const { uids } = told
  const result = new Uint8Array(uids.length)
  if (hasSaved(set)) for (const index of indexesOfSaved(told, saved)) result[index] = 1
  const largest = of === 'uid' ? (uids.at(-1) ?? 0) : uids.length
  for (const { from, to } of resolveRanges(withoutSaved(set), largest))
    if (of === 'uid') result.fill(1, lowerBound(uids, from), lowerBound(uids, to + 1))
    else result.fill(1, from - 1, to)
  return result
}

function byModSeq({ modSeqs }: MailboxSnapshot, least: number): Uint8Array {
  const result = new Uint8Array(modSeqs.length)
  for (let i = 0; i < result.length; i++) result[i] = (modSeqs[i] as number) >= least ? 1 : 0
  return result
}

function byKeys(
  { keys }: MailboxSnapshot,
  found: ReadonlySet<MessageKey> | undefined,
): Uint8Array | undefined {
  if (found === undefined) return undefined
  const result = new Uint8Array(keys.length)
  for (let i = 0; i < result.length; i++) result[i] = found.has(keys[i] as MessageKey) ? 1 : 0
  return result
}

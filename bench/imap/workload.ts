import type { Row } from '../table.ts'
import { median } from '../sample.ts'
import type { Options } from '../options.ts'
import type { Bridge } from './bridge.ts'
import type { Peer } from './peer.ts'

/** What a workload finds when it begins. */
export interface Scene {
  readonly ours: Peer
  /** Undefined where none is installed. */
  readonly dovecot: Peer | undefined
  readonly bridge: Bridge
  /** In INBOX, of both. */
  readonly messages: number
  readonly rounds: number
  readonly options: Options
}

/** One kind of work that clients make, to be run alone by its name. Leaves INBOX as it was found. */
export interface Workload {
  readonly name: string
  readonly about: string
  /** With all bodies in memory, or with the settings that people have. */
  readonly server: 'warm' | 'ordinary'
  run(scene: Scene, add: (row: Row) => void): Promise<void>
}

/** Medians of each figure, and of ours/theirs in each round, which a machine that grows slower or faster does not bend. */
export interface Medians<Key extends string> {
  readonly ours: Readonly<Record<Key, number>>
  readonly theirs: Readonly<Record<Key, number>> | undefined
  readonly ratios: Readonly<Record<Key, number>> | undefined
  /** The least and the most of the rounds. */
  readonly ourSpan: Readonly<Record<Key, readonly [number, number]>>
  readonly theirSpan: Readonly<Record<Key, readonly [number, number]>> | undefined
}

/** Measures both in turn. */
export async function inTurn<Key extends string>(
  { ours, dovecot }: Scene,
  rounds: number,
  measure: (peer: Peer) => Promise<Record<Key, number>>,
): Promise<Medians<Key>> {
  const [own, other]: [Record<Key, number>[], Record<Key, number>[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    own.push(await measure(ours))
    if (dovecot !== undefined) other.push(await measure(dovecot))
  }
  return mediansOf(own, other)
}

/** Of the figures of each round, ours and theirs. */
export function mediansOf<Key extends string>(
  own: readonly Record<Key, number>[],
  other: readonly Record<Key, number>[],
): Medians<Key> {
  const keys = Object.keys(own[0] ?? {}) as Key[]
  const each = <T>(value: (key: Key) => T) =>
    Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, T>
  const middle = (some: readonly Record<Key, number>[]) => each((key) => median(some.map((one) => one[key])))
  const span = (some: readonly Record<Key, number>[]) =>
    each((key): [number, number] => {
      const values = some.map((one) => one[key])
      return [Math.min(...values), Math.max(...values)]
    })
  if (other.length === 0)
    return {
      ours: middle(own),
      theirs: undefined,
      ratios: undefined,
      ourSpan: span(own),
      theirSpan: undefined,
    }
  return {
    ours: middle(own),
    theirs: middle(other),
    ratios: each((key) => median(own.map((one, at) => one[key] / (other[at]?.[key] ?? Number.NaN)))),
    ourSpan: span(own),
    theirSpan: span(other),
  }
}

/** The figure `key` as a row. */
export function row<Key extends string>(
  { ours, theirs, ratios, ourSpan, theirSpan }: Medians<Key>,
  key: Key,
  more: Omit<Row, 'ours' | 'theirs' | 'ratio' | 'bestRatio'>,
): Row {
  // Of speeds the most is the best, of times and memory the least.
  const end = more.unit.endsWith('/s') ? 1 : 0
  const bestRatio = theirSpan === undefined ? undefined : ourSpan[key][end] / theirSpan[key][end]
  return { ...more, ours: ours[key], theirs: theirs?.[key], ratio: ratios?.[key], bestRatio }
}

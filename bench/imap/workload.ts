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

/** Medians of each figure. */
export interface Medians<Key extends string> {
  readonly ours: Readonly<Record<Key, number>>
  readonly theirs: Readonly<Record<Key, number>> | undefined
}

/** Measures both in turn. */
export async function inTurn<Key extends string>(
  { ours, dovecot }: Scene,
  rounds: number,
  measure: (peer: Peer) => Promise<Record<Key, number>>,
): Promise<Medians<Key>> {
  const peers = dovecot === undefined ? [ours] : [ours, dovecot]
  const results = peers.map((): Record<Key, number>[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [at, peer] of peers.entries()) results[at]?.push(await measure(peer))
  const medians = results.map((some) => {
    const keys = Object.keys(some[0] ?? {}) as Key[]
    return Object.fromEntries(keys.map((key) => [key, median(some.map((one) => one[key]))])) as Record<
      Key,
      number
    >
  })
  const [own, other] = medians
  if (own === undefined) throw new RangeError('nothing was measured')
  return { ours: own, theirs: other }
}

/** The figure `key` as a row. */
export function row<Key extends string>(
  { ours, theirs }: Medians<Key>,
  key: Key,
  more: Omit<Row, 'ours' | 'theirs'>,
): Row {
  return { ...more, ours: ours[key], theirs: theirs?.[key] }
}

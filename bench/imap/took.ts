import { timesAtMost } from '../bar.ts'
import type { Row } from '../table.ts'
import type { Peer } from './peer.ts'
import { row, type Medians } from './workload.ts'

/** What a command took: as the client sees it, and without the time in which Gmail was asked. */
export interface Took {
  readonly whole: number
  readonly local: number
}

export async function took(peer: Peer, work: () => Promise<unknown>): Promise<Took> {
  const away = await peer.awayMs()
  const startedAt = performance.now()
  await work()
  const whole = performance.now() - startedAt
  return { whole, local: Math.max(0, whole - ((await peer.awayMs()) - away)) }
}

/** The two rows of a time; the bar is for what is ours to make quick. */
export function* rows<Key extends string>(
  medians: Medians<Key>,
  whole: Key,
  local: Key,
  what: string,
): Generator<Row> {
  yield row(medians, whole, { what: `${what}, whole`, unit: 'ms' })
  yield row(medians, local, { what: `${what}, without the Gmail call`, unit: 'ms', bar: timesAtMost(2) })
}

import type { Selected } from '../command.ts'
import { Places } from '../places.ts'
import { sortValue, type Criterion } from './criterion.ts'
import { inOrder } from './in-order.ts'

/** The values of one criterion, one for each message that is still there. */
type Column = (number | string)[]

/**
 * The indexes in the order of the criteria; where all are equal, in the order of the view. Messages that are gone are
 * left out: nothing is known of them any more. Throws MailError.
 */
export async function sortMatches(
  context: Selected,
  indexes: Uint32Array,
  criteria: readonly Criterion[],
): Promise<Uint32Array> {
  const { view, mailstore, turns, signal, progress } = context
  const places = new Places(view.told, indexes)
  const turn = turns.begin('work')
  const columns: Column[] = criteria.map(() => [])
  const present: number[] = []
  if (progress !== undefined) {
    progress.done = 0
    progress.total = indexes.length
  }
  for await (const batch of mailstore.records(places.keys, 'summary', signal)) {
    for (const record of batch)
      for (const index of places.of(record.key)) {
        present.push(index)
        for (const [i, { name }] of criteria.entries()) columns[i]?.push(sortValue(name, record))
      }
    if (progress !== undefined) progress.done = present.length
    if (turn.over) await turn.next(signal)
  }
  const rows = Uint32Array.from(present.keys())
  const sorted = await inOrder(rows, comparison(criteria, columns, present), turn, signal)
  return sorted.map((row) => present[row] as number)
}

/** REVERSE turns around its own criterion only, never the order of the view. RFC 5256 section 3. */
function comparison(criteria: readonly Criterion[], columns: readonly Column[], present: readonly number[]) {
  return (a: number, b: number): number => {
    for (const [i, { reverse }] of criteria.entries()) {
      const column = columns[i] as Column
      const left = column[a] as number | string
      const right = column[b] as number | string
      if (left !== right) return left < right !== reverse ? -1 : 1
    }
    return (present[a] as number) - (present[b] as number)
  }
}

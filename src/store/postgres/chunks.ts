import { slices } from '../pause.ts'

/** Rows written in one statement. */
const rowsPerStatement = 2000

/** Nothing for an empty list. */
export function chunksOf<T>(
  list: readonly T[] | undefined,
  rows = rowsPerStatement,
): AsyncGenerator<readonly T[]> {
  return slices(list ?? [], rows)
}

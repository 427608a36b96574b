import { pause } from '../pause.ts'
import type { AccountPart } from './account-part.ts'
import { ContentRows } from './content-rows.ts'

/** Rows looked at in one go: some milliseconds. */
const rowsPerSlice = 256

/**
 * Binds what an earlier version, or many small commits, left as single rows, in slices with pauses, until `stopped` says
 * so. A kill in the middle loses nothing: the next opening goes on.
 */
export async function bindSingles(part: AccountPart, stopped: () => boolean): Promise<void> {
  const contents = new ContentRows(part)
  for (let fromM: number | undefined = part.firstM; fromM !== undefined && !stopped(); await pause()) {
    const { sheaves, nextM } = contents.worthBinding(fromM, rowsPerSlice)
    fromM = nextM
    if (sheaves.length === 0) continue
    part.db.transaction(
      () => {
        for (const sheaf of sheaves) contents.bind(sheaf)
      },
      { durable: false },
    )
  }
}

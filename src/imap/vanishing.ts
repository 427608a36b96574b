import type { Answers, Completion } from './command.ts'
import type { Storing } from './session-context.ts'

/**
 * Tells what was removed, and ends a command that removes. A client that keeps mod-sequences learns the newest one of which
 * it has heard everything. RFC 7162 sections 3.2.7 and 3.2.9.
 */
export async function* endOfExpunge({ view, enabled }: Storing, text: string): Answers {
  const before = view.told
  yield* view.sync(true, enabled)
  const completion: Completion = { status: 'OK', text }
  if (!enabled.has('CONDSTORE') || view.told === before) return completion
  return { ...completion, code: `HIGHESTMODSEQ ${view.told.highestModSeq}` }
}

import type { Answers, Completion } from './command.ts'
import { tell } from './notify/tell.ts'
import type { Hearing } from './notify/tell.ts'

/**
 * Tells what was removed, and ends a command that removes. A client that keeps mod-sequences learns the newest one of which
 * it has heard everything. RFC 7162 sections 3.2.7 and 3.2.9.
 */
export async function* endOfExpunge(context: Hearing, text: string): Answers {
  const { view, enabled } = context
  const before = view.told
  yield* tell(context, { expunge: true, own: true })
  const completion: Completion = { status: 'OK', text }
  if (!enabled.has('CONDSTORE') || view.told === before) return completion
  return { ...completion, code: `HIGHESTMODSEQ ${view.told.highestModSeq}` }
}

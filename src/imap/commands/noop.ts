import { command, onlyEnd } from '../command.ts'
import type { Anyone, Selecting } from '../session-context.ts'

/** Who asks wants to know now; but not longer than a person would wait. */
const freshWithinMs = 2_000

/** Lawful in every state; after login it looks for new mail. What is new is told by the session, as after any command. */
export const noop = command<void, Anyone & Selecting>({
  name: 'NOOP',
  rfc: '9051 6.1.2',
  state: 'any',
  parse: (parser) => parser.end(),
  run: (context) => onlyEnd(context.admission === undefined ? undefined : refresh(context)),
})

/** As NOOP: a checkpoint has nothing else to do here. RFC 3501 section 6.4.1. */
export const check = command<void, Anyone & Selecting>({
  name: 'CHECK',
  rfc: '3501 6.4.1',
  state: 'selected',
  parse: (parser) => parser.end(),
  run: (context) => onlyEnd(refresh(context)),
})

async function refresh({ mailstore, clock, signal }: Selecting): Promise<undefined> {
  mailstore.poke()
  if (mailstore.isFresh === true) return undefined
  const enough = new AbortController()
  const limit = AbortSignal.any([enough.signal, signal])
  await Promise.race([mailstore.fresh(limit), clock.sleep(freshWithinMs, limit).catch(() => {})])
  enough.abort()
  return undefined
}

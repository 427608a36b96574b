import { command, onlyEnd, type AtOnce } from '../command.ts'
import { refresh } from '../refresh.ts'
import type { Anyone, Selecting } from '../session-context.ts'

/** Lawful in every state; after login it looks for new mail. What is new is told by the session, as after any command. */
export const noop = command<void, Anyone & Selecting>({
  name: 'NOOP',
  rfc: '9051 6.1.2',
  state: 'any',
  parse: (parser) => parser.end(),
  run: (context) => onlyEnd(context.admission === undefined ? undefined : refresh(context)),
  atOnce: (context) =>
    context.admission === undefined || context.mailstore.isFresh === true ? refreshed(context) : undefined,
})

/** As NOOP: a checkpoint has nothing else to do here. RFC 3501 section 6.4.1. */
export const check = command<void, Anyone & Selecting>({
  name: 'CHECK',
  rfc: '3501 6.4.1',
  state: 'selected',
  parse: (parser) => parser.end(),
  run: (context) => onlyEnd(refresh(context)),
})

/** What is known is of now; what comes next is looked for as well. */
function refreshed(context: Anyone & Selecting): AtOnce {
  if (context.admission !== undefined) context.mailstore.poke()
  return { chunks: [], completion: undefined }
}

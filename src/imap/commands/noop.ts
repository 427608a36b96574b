import { command, onlyEnd } from '../command.ts'
import { refresh } from '../refresh.ts'
import type { Anyone, Selecting } from '../session-context.ts'

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

import { command, onlyEnd } from '../command.ts'
import type { Anyone } from '../session-context.ts'

/**
 * Back to before the login, for somebody else to use the connection; what was enabled is no more, TLS stays. A compressed
 * connection cannot go back (both layers would have to end in mid-stream), so there it is neither announced nor done.
 * RFC 8437 section 3.
 */
export const unauthenticate = command<void, Anyone>({
  name: 'UNAUTHENTICATE',
  rfc: '8437 3',
  state: 'authenticated',
  capability: 'UNAUTHENTICATE',
  parse: (parser) => parser.end(),
  run(context) {
    if (context.compressed)
      return onlyEnd({ status: 'BAD', text: 'A compressed connection cannot be used by somebody else' })
    context.dismiss()
    return onlyEnd({ status: 'OK', code: `CAPABILITY ${context.capabilities()}`, text: 'Logged out' })
  },
})

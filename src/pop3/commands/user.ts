import { command } from '../command.ts'
import { privacyRequired } from '../refusals.ts'
import type { Anyone } from '../session-context.ts'

/** Says the same for known and unknown names. RFC 1939 section 13. */
export const user = command<string, Anyone>({
  name: 'USER',
  rfc: '1939 7',
  state: 'authorization',
  // People type passwords there, too.
  secret: true,
  parse: (given) => given.everything('A user name').trim(),
  async *run(context, name) {
    if (!context.mayLogin) {
      yield privacyRequired
      return
    }
    context.user = name
    yield '+OK Send the password\r\n'
  },
})

import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'

/** After login it is here, and nowhere else, that something happens to mail: the UPDATE state. RFC 1939 section 6. */
export const quit = command<void, Anyone>({
  name: 'QUIT',
  rfc: '1939 5 and 6',
  state: 'any',
  parse: (given) => given.end(),
  async *run(context) {
    // Whatever comes of it, the session is over.
    context.leave()
    await context.update()
    yield '+OK Until next time\r\n'
  },
})

import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'

export const logout = command<void, Anyone>({
  name: 'LOGOUT',
  rfc: '9051 6.1.3',
  state: 'any',
  parse: (parser) => parser.end(),
  async *run(context) {
    context.afterwards('leave')
    yield '* BYE Until next time\r\n'
    return undefined
  },
})

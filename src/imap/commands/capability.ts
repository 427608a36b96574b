import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'

export const capability = command<void, Anyone>({
  name: 'CAPABILITY',
  rfc: '9051 6.1.1',
  state: 'any',
  parse: (parser) => parser.end(),
  async *run(context) {
    yield `* CAPABILITY ${context.capabilities()}\r\n`
    return undefined
  },
})

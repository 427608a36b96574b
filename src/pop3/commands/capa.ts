import { capabilityLines } from '../capabilities.ts'
import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'

export const capa = command<void, Anyone>({
  name: 'CAPA',
  rfc: '2449 5',
  state: 'any',
  parse: (given) => given.end(),
  async *run(context) {
    yield `+OK Capabilities follow\r\n${capabilityLines(context.capabilities()).join('\r\n')}\r\n.\r\n`
  },
})

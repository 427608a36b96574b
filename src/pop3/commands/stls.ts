import { command } from '../command.ts'
import { refusal } from '../refusals.ts'
import type { Anyone } from '../session-context.ts'

/** The handshake begins after the answer; what the client sent before it is forgotten. */
export const stls = command<void, Anyone>({
  name: 'STLS',
  rfc: '2595 4',
  state: 'authorization',
  parse: (given) => given.end(),
  async *run(context) {
    if (!context.mayStartTls) {
      yield refusal('TLS is in use already')
      return
    }
    context.user = undefined
    await context.startTls('+OK Begin TLS now\r\n')
  },
})

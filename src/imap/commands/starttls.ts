import { command, onlyEnd } from '../command.ts'
import type { Anyone } from '../session-context.ts'

/** The handshake begins after the tagged answer; what the client sent before it is forgotten. */
export const starttls = command<void, Anyone>({
  name: 'STARTTLS',
  rfc: '9051 6.2.1',
  state: 'not-authenticated',
  parse: (parser) => parser.end(),
  run(context) {
    if (!context.mayStartTls) return onlyEnd({ status: 'BAD', text: 'TLS is in use already' })
    context.afterwards('start-tls')
    return onlyEnd({ status: 'OK', text: 'Begin TLS now' })
  },
})

import { isRefusal } from '#wire/gatekeeper.ts'
import { saslExchange } from '#wire/sasl-exchange.ts'
import { command } from '../command.ts'
import type { Anyone } from '../session-context.ts'
import { privacyRequired, welcome } from '../welcome.ts'

interface AuthenticateArgs {
  readonly mechanism: string
  /** RFC 4959. */
  readonly initialResponse: string | undefined
}

export const authenticate = command<AuthenticateArgs, Anyone>({
  name: 'AUTHENTICATE',
  rfc: '9051 6.2.2',
  state: 'not-authenticated',
  secret: true,
  dialogue: true,
  // authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)
  parse(parser) {
    parser.space()
    const mechanism = parser.atom('A mechanism')
    const initialResponse = parser.optionalSpace()
      ? parser.remaining().toString('latin1').trimEnd()
      : undefined
    parser.end()
    return { mechanism, initialResponse: initialResponse === '' ? undefined : initialResponse }
  },
  async *run(context, { mechanism, initialResponse }) {
    if (!context.mayLogin) return privacyRequired
    const outcome = await saslExchange({
      mechanism,
      initialResponse,
      async ask(challenge) {
        return (await context.ask(`+ ${challenge}\r\n`))?.toString('latin1')
      },
      verify: (credentials) => context.verify(credentials),
      refused: isRefusal,
    })
    switch (outcome.kind) {
      case 'verdict':
        return yield* welcome(context, outcome.verdict)
      case 'unknown-mechanism':
        return { status: 'NO', code: 'CANNOT', text: 'This mechanism is not known here' }
      case 'malformed':
        if (outcome.fault === 'syntax') return { status: 'BAD', text: outcome.text }
        // RFC 5530 section 3.
        return { status: 'NO', code: 'AUTHORIZATIONFAILED', text: outcome.text }
      case 'cancelled':
      case 'end':
        return { status: 'BAD', text: 'The exchange was cancelled' }
    }
  },
})

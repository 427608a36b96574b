import { saslMechanisms } from '#wire/sasl.ts'
import { saslExchange } from '#wire/sasl-exchange.ts'
import { command } from '../command.ts'
import { privacyRequired, refusal } from '../refusals.ts'
import type { Anyone } from '../session-context.ts'
import { welcome } from '../welcome.ts'

interface AuthArgs {
  /** Undefined: the client asks which there are. */
  readonly mechanism: string | undefined
  readonly initialResponse: string | undefined
}

export const auth = command<AuthArgs, Anyone>({
  name: 'AUTH',
  rfc: '5034 4',
  state: 'authorization',
  secret: true,
  // auth-command = "AUTH" SP auth-type [SP initial-response]
  parse(given) {
    const mechanism = given.given ? given.word('A mechanism') : undefined
    const initialResponse = given.given ? given.word('An initial response') : undefined
    given.end()
    return { mechanism, initialResponse }
  },
  async *run(context, { mechanism, initialResponse }) {
    if (!context.mayLogin) {
      yield privacyRequired
      return
    }
    if (mechanism === undefined) {
      // Old clients ask so; it is in no RFC.
      yield `+OK Mechanisms follow\r\n${saslMechanisms.map((name) => `${name}\r\n`).join('')}.\r\n`
      return
    }
    const outcome = await saslExchange({
      mechanism,
      initialResponse,
      async ask(challenge) {
        return (await context.ask(`+ ${challenge}\r\n`))?.toString('latin1')
      },
      verify: (credentials) => context.verify(credentials),
      refused: (verdict) => 'refused' in verdict,
    })
    switch (outcome.kind) {
      case 'verdict':
        yield* welcome(context, outcome.verdict)
        return
      case 'unknown-mechanism':
        yield refusal('This mechanism is not known here')
        return
      case 'malformed':
        yield refusal(outcome.text)
        return
      case 'cancelled':
      case 'end':
        yield refusal('The exchange was cancelled')
    }
  },
})

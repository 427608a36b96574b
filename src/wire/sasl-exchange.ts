import { decodeBase64, saslMachine } from './sasl.ts'
import type { Credentials } from './sasl.ts'

/** How an exchange ended. Texts are ours. */
export type SaslOutcome<Verdict> =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'unknown-mechanism' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'malformed'; readonly fault: 'syntax' | 'identity'; readonly text: string }
  /** The client is gone. */
  | { readonly kind: 'end' }

/** Longer exchanges do not exist in the mechanisms spoken here. */
const maxSteps = 4

/**
 * Carries one exchange. `initialResponse` is the text after the mechanism, `=` for an empty one (RFC 4959); `ask` sends a
 * challenge (base64 without prefix or line end) and gives the client's line; `verify` decides; `refused` tells whether its
 * verdict is a no, after which some mechanisms have one more round.
 */
export async function saslExchange<Verdict>(options: {
  mechanism: string
  initialResponse: string | undefined
  ask(challengeBase64: string): Promise<string | undefined>
  verify(credentials: Credentials): Promise<Verdict>
  refused(verdict: Verdict): boolean
}): Promise<SaslOutcome<Verdict>> {
  const { initialResponse } = options
  const machine = saslMachine(options.mechanism)
  if (machine === undefined) return { kind: 'unknown-mechanism' }
  let response: Buffer | undefined
  if (initialResponse !== undefined) {
    response = decodeBase64(initialResponse === '=' ? '' : initialResponse)
    if (response === undefined)
      return { kind: 'malformed', fault: 'syntax', text: 'The initial response is not base64' }
  }
  for (let step = 0; step < maxSteps; step++) {
    const next = machine.next(response)
    if (next.kind === 'malformed') return next
    if (next.kind === 'credentials') {
      const verdict = await options.verify(next.credentials)
      // The client answers this challenge with an empty line or with `*`; either way it has failed.
      if (machine.failureChallenge !== undefined && options.refused(verdict))
        await options.ask(machine.failureChallenge.toString('base64'))
      return { kind: 'verdict', verdict }
    }
    const line = await options.ask(next.octets.toString('base64'))
    if (line === undefined) return { kind: 'end' }
    if (line === '*') return { kind: 'cancelled' }
    response = decodeBase64(line)
    if (response === undefined)
      return { kind: 'malformed', fault: 'syntax', text: 'The response is not base64' }
  }
  return { kind: 'malformed', fault: 'syntax', text: 'The exchange does not come to an end' }
}

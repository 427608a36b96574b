import type { Admission, Refusal } from '#mail/doorman.ts'
import { isRefusal } from '#wire/gatekeeper.ts'
import { saslExchange } from '#wire/sasl-exchange.ts'
import type { Credentials } from '#wire/sasl.ts'
import { loginReply } from './replies.ts'

/** What an AUTH came to. */
export type LoginOutcome =
  | { readonly kind: 'admitted'; readonly admission: Admission }
  /** `isBad`: some of these are the last. */
  | { readonly kind: 'refused'; readonly code: number; readonly text: string; readonly isBad: boolean }
  /** The client is gone. */
  | { readonly kind: 'end' }

/** The exchange of one AUTH line, by the SASL machines that all doors share. RFC 4954 section 4. */
export async function logIn(
  line: string,
  {
    mechanisms,
    ask,
    verify,
  }: {
    readonly mechanisms: readonly string[]
    /** Sends a challenge in base64; undefined when no answer comes. */
    readonly ask: (challenge: string) => Promise<string | undefined>
    readonly verify: (credentials: Credentials) => Promise<Admission | Refusal>
  },
): Promise<LoginOutcome> {
  const [, mechanism = '', initialResponse, ...more] = line.trim().split(/\s+/)
  if (!mechanisms.includes(mechanism.toUpperCase()) || more.length > 0)
    return refused(504, `5.5.4 AUTH takes one of ${mechanisms.join(', ')}`)
  const outcome = await saslExchange<Admission | Refusal>({
    mechanism,
    initialResponse,
    ask,
    verify,
    refused: isRefusal,
  })
  switch (outcome.kind) {
    case 'end':
      return outcome
    case 'unknown-mechanism':
      return refused(504, '5.5.4 This mechanism is not spoken here')
    case 'cancelled':
      return refused(501, '5.7.0 Login cancelled')
    case 'malformed':
      return refused(501, `5.5.2 ${outcome.text}`, true)
    case 'verdict': {
      const { verdict } = outcome
      if (!isRefusal(verdict)) return { kind: 'admitted', admission: verdict }
      const { code, enhanced, text } = loginReply(verdict)
      // Where there is no place any more the password was right.
      return refused(code, `${enhanced} ${text}`, verdict.refused !== 'crowded')
    }
  }
}

function refused(code: number, text: string, isBad = false): LoginOutcome {
  return { kind: 'refused', code, text, isBad }
}

import { saslMechanisms } from '#wire/sasl.ts'

/** What CAPA depends on. */
export interface CapabilityState {
  readonly authenticated: boolean
  readonly mayStartTls: boolean
  /** A password may cross this connection. */
  readonly mayLogin: boolean
  /** Days that a message stays on offer after it was retrieved; `never`: it is not withdrawn. */
  readonly expire: 'never' | 0
}

/** The lines of CAPA. RFC 2449 section 6, RFC 2595 section 4, RFC 3206 section 3, RFC 5034 section 3, RFC 6856 sections 2 and 3. */
export function capabilityLines(state: CapabilityState): readonly string[] {
  const expire = state.expire === 'never' ? 'NEVER' : String(state.expire)
  return [
    'TOP',
    'UIDL',
    'RESP-CODES',
    'AUTH-RESP-CODE',
    'PIPELINING',
    // Differs by login (`recent:`), which is said before it. RFC 2449 section 6.7.
    `EXPIRE ${expire}${state.authenticated || state.expire === 'never' ? '' : ' USER'}`,
    'UTF8 USER',
    'LANG',
    ...(state.authenticated || !state.mayLogin ? [] : ['USER', `SASL ${saslMechanisms.join(' ')}`]),
    ...(state.authenticated || !state.mayStartTls ? [] : ['STLS']),
    'IMPLEMENTATION Postern',
  ]
}

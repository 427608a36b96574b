/**
 * SASL exchanges as small machines that know no protocol: IMAP, POP3 and SMTP carry the same base64 lines. A machine gets
 * the client's responses and says what to do next; whether the credentials are right is for others to say.
 */

/** What a client says it is. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly user: string; readonly token: string }

type SaslStep =
  /** Send these octets (base64) and give the answer to `next`. */
  | { readonly kind: 'challenge'; readonly octets: Buffer }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** The client says it wrong, or wants to be somebody else than who it is. The text is ours. */
  | { readonly kind: 'malformed'; readonly fault: 'syntax' | 'identity'; readonly text: string }

export interface SaslMachine {
  /** The client's initial response, undefined when it sent none; then each response. */
  next(response: Buffer | undefined): SaslStep
  /** Sent as one more challenge before the refusal, so that the client learns why. RFC 7628 section 3.2.2. */
  readonly failureChallenge: Buffer | undefined
}

export const saslMechanisms = ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'] as const

/** The machine for a mechanism's name in any letter case; undefined for one that we do not speak. */
export function saslMachine(name: string): SaslMachine | undefined {
  switch (name.toUpperCase()) {
    case 'PLAIN':
      return plain()
    case 'LOGIN':
      return login()
    case 'XOAUTH2':
      return xoauth2()
    case 'OAUTHBEARER':
      return oauthBearer()
    default:
      return undefined
  }
}

/** The octets of a base64 line, strictly; undefined when it is not base64. RFC 4648 section 4. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

const nothing = Buffer.alloc(0)
const malformed = (text: string): SaslStep => ({ kind: 'malformed', fault: 'syntax', text })
const challenge = (text: string): SaslStep => ({ kind: 'challenge', octets: Buffer.from(text) })

/** RFC 4616: [authzid] NUL authcid NUL passwd. mutt and git send-email name the user twice. */
function plain(): SaslMachine {
  return {
    failureChallenge: undefined,
    next(response) {
      if (response === undefined) return { kind: 'challenge', octets: nothing }
      const parts = utf8(response)?.split('\0')
      if (parts?.length !== 3) return malformed('PLAIN needs an identity, a user and a password')
      const [identity, user, password] = parts as [string, string, string]
      if (identity !== '' && identity.toLowerCase() !== user.toLowerCase())
        return { kind: 'malformed', fault: 'identity', text: 'Nobody can act for somebody else here' }
      return passwordOf(user, password)
    },
  }
}

/** draft-murchison-sasl-login: two prompts. Outlook needs it. An initial response is the user. */
function login(): SaslMachine {
  let user: string | undefined
  let asked = false
  return {
    failureChallenge: undefined,
    next(response) {
      if (response === undefined && !asked) {
        asked = true
        return challenge('Username:')
      }
      const said = response === undefined ? undefined : utf8(response)
      if (said === undefined) return malformed('A user and a password must be UTF-8 text')
      if (user === undefined) {
        user = said
        return challenge('Password:')
      }
      return passwordOf(user, said)
    },
  }
}

/** Google's own: `user=U^Aauth=Bearer T^A^A`. */
function xoauth2(): SaslMachine {
  return {
    failureChallenge: Buffer.from('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'),
    next(response) {
      if (response === undefined) return { kind: 'challenge', octets: nothing }
      const fields = keyValues(utf8(response)?.split('\x01') ?? [])
      return bearer(fields.get('user'), fields.get('auth'))
    },
  }
}

/** RFC 7628: `n,a=U,^Ahost=…^Aport=…^Aauth=Bearer T^A^A`. */
function oauthBearer(): SaslMachine {
  return {
    failureChallenge: Buffer.from('{"status":"invalid_token","scope":"https://mail.google.com/"}'),
    next(response) {
      if (response === undefined) return { kind: 'challenge', octets: nothing }
      const [header = '', ...rest] = utf8(response)?.split('\x01') ?? []
      const user = /^[ny],a=([^,]*),$/.exec(header)?.[1]
      return bearer(user?.replaceAll('=2C', ',').replaceAll('=3D', '='), keyValues(rest).get('auth'))
    },
  }
}

function passwordOf(user: string, password: string): SaslStep {
  if (user === '' || user.includes('\0') || password.includes('\0'))
    return malformed('A user is needed, and NUL cannot be used')
  return { kind: 'credentials', credentials: { kind: 'password', user, password } }
}

function bearer(user: string | undefined, auth: string | undefined): SaslStep {
  // b64token of RFC 6750 section 2.1.
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth ?? '')?.[1]
  if (user === undefined || user === '' || token === undefined)
    return malformed('A user and a bearer token are needed')
  return { kind: 'credentials', credentials: { kind: 'bearer', user, token } }
}

function keyValues(fields: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    fields.map((field) => {
      const at = field.indexOf('=')
      return [field.slice(0, Math.max(at, 0)), field.slice(at + 1)]
    }),
  )
}

/** UTF-8, strictly. */
function utf8(octets: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}

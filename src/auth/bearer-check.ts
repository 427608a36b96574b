import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { OAuth2Client } from 'google-auth-library'
import { MailError } from '#mail/errors.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { Endpoints } from './endpoints.ts'
import { createGoogleHttp, failedAnswer } from './google-http.ts'
import { mailboxOf, verifiedEmail } from './identity.ts'

/** Whom a Google access token speaks for. */
interface Bearer {
  readonly address: string
  readonly scopes: readonly string[]
}

/** Checks access tokens that mail clients bring. */
export interface BearerCheck {
  /** Undefined for a token that is not good, or was given to another program. Throws MailError `unavailable`. */
  bearerOf(token: string): Promise<Bearer | undefined>
}

const rememberedTokens = 1000
/** Google's are some 250; it reserves the right to 2048. */
const longestToken = 4096
const refusedForMs = 30_000
const waitingLimit = 50

/**
 * A token is good when Google says so, our own OAuth client asked for it (a token that any other program was given must
 * not open the mailbox here, RFC 9700 section 4.9), and Google tells a verified address with it. The answer is remembered
 * until the token ends, by the token's hash.
 */
export function createBearerCheck(options: {
  endpoints: Endpoints
  /** Asked anew each time, since it may be set while Postern runs. */
  clientId: () => string | undefined
  clock: Clock
}): BearerCheck {
  const { endpoints, clientId, clock } = options
  const http = createGoogleHttp(endpoints)
  const client = new OAuth2Client({ endpoints: { tokenInfoUrl: endpoints.tokenInfoUrl }, transporter: http })
  const known = new LRUCache<string, { bearer: Bearer | undefined; until: number }>({ max: rememberedTokens })
  const asking = new Map<string, Promise<Bearer | undefined>>()

  async function ask(token: string, key: string): Promise<Bearer | undefined> {
    const now = clock.monotonicMs()
    let info: Awaited<ReturnType<OAuth2Client['getTokenInfo']>>
    try {
      info = await client.getTokenInfo(token)
    } catch (error) {
      const { status, word } = failedAnswer(error)
      if (status === 400 || status === 401) {
        known.set(key, { bearer: undefined, until: now + refusedForMs })
        return undefined
      }
      throw new MailError('unavailable', 'Google cannot be asked about the token at the moment', {
        cause: new Error(`tokeninfo: ${status ?? word}`),
      })
    }
    const leftMs = info.expiry_date - Date.now()
    const bearer = info.aud === clientId() && leftMs > 0 ? await identify(token, info) : undefined
    const until = now + (bearer === undefined ? refusedForMs : leftMs)
    known.set(key, { bearer, until })
    return bearer
  }

  async function identify(
    token: string,
    info: { scopes: string[]; email?: string | undefined },
  ): Promise<Bearer | undefined> {
    const { scopes } = info
    const signal = AbortSignal.timeout(20_000)
    try {
      // Without a sign-in scope tokeninfo tells no address; the mailbox itself does.
      const address =
        info.email === undefined
          ? await mailboxOf(token, scopes, { http, endpoints, signal })
          : verifiedEmail(info)
      return address === undefined ? undefined : { address, scopes }
    } catch (error) {
      if (error instanceof MailError && error.code === 'not-permitted') return undefined
      throw error
    }
  }

  return {
    async bearerOf(token) {
      if (clientId() === undefined || token.length > longestToken || !/^[\x21-\x7e]+$/.test(token))
        return undefined
      const key = createHash('sha256').update(token).digest('base64')
      const before = known.get(key)
      if (before !== undefined && clock.monotonicMs() < before.until) return before.bearer
      let answer = asking.get(key)
      if (answer === undefined) {
        if (asking.size >= waitingLimit)
          throw new MailError('unavailable', 'Too many tokens are being checked at the moment')
        answer = ask(token, key).finally(() => asking.delete(key))
        asking.set(key, answer)
      }
      return answer
    },
  }
}

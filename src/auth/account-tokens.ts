import { GrantError, MailError } from '#mail/errors.ts'
import type { GrantEnd } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import type { Store } from '#store/store.ts'
import { abortable } from './abortable.ts'
import type { Endpoints } from './endpoints.ts'
import type { GoogleHttp } from './google-http.ts'
import { loadGrant, saveGrant } from './grant.ts'
import type { Grant, GrantKind } from './grant.ts'
import { requestToken } from './token-request.ts'
import type { FreshToken } from './token-request.ts'

/** A token that is given out lasts at least this long. */
const leastLeftMs = 60_000
/** A new one is fetched, beside the work, when this is left of the old. */
const refreshAheadMs = 5 * 60_000
/** After Google said no: one token request a minute at most. reliability.md section 3. */
const refusedPauseMs = 60_000
const outagePauseBaseMs = 500
const outagePauseMaxMs = 30_000

interface Surroundings {
  readonly account: AccountId
  readonly endpoints: Endpoints
  readonly http: GoogleHttp
  readonly store: Pick<Store, 'secret' | 'setSecret'>
  readonly clock: Clock
  readonly log: Log
  pageUrl(): string | undefined
  /** What a token permits, by tokeninfo; undefined when it cannot be asked. */
  askScopes(accessToken: string): Promise<readonly string[] | undefined>
  onRequest(result: TokenResult): void
  onScopes(scopes: readonly string[]): void
  onEnd(end: GrantEnd): void
}

/** How asking for a token went; `ended`: somebody must connect the account again. */
export type TokenResult = 'ok' | 'ended' | 'failed'

/** Times are of the monotonic clock. */
interface Held {
  readonly accessToken: string
  readonly usableUntil: number
  readonly refreshAt: number
}

/**
 * One account's access token: one request at a time however many ask. A failure deletes nothing that is stored; it is
 * remembered for a while, and whoever asks meanwhile hears of it without a request.
 */
export class AccountTokens implements TokenSource {
  readonly #in: Surroundings
  #held: Held | undefined
  #request: Promise<string> | undefined
  #failed: { error: MailError; until: number } | undefined
  #outages = 0
  #rejectedAt = Number.NEGATIVE_INFINITY
  /** A rotated grant that could not be written yet: the stored one may be dead. */
  #unsaved: Grant | undefined
  /** What the grant permits, as Google last told; undefined until then. */
  #scopes: readonly string[] | undefined
  #kind: GrantKind | undefined
  /** How the grant ended, told once. */
  #end: GrantEnd | undefined
  /** Counts grants; what a request for an older one brings is dropped. */
  #generation = 0

  constructor(surroundings: Surroundings) {
    this.#in = surroundings
  }

  async accessToken(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted()
    const held = this.#held
    const now = this.#in.clock.monotonicMs()
    if (held !== undefined && now < held.usableUntil) {
      if (now >= held.refreshAt && this.#pause(now) === undefined) this.#refreshBeside()
      return held.accessToken
    }
    const failed = this.#pause(now)
    if (failed !== undefined && this.#request === undefined) throw failed
    return abortable(this.#refresh(), signal)
  }

  /** Asks Google now, whatever is held. Throws as accessToken does. */
  async verify(signal?: AbortSignal): Promise<void> {
    await abortable(this.#refresh(), signal)
  }

  /** What sort of grant it is, as it was last read; undefined before. */
  get kind(): GrantKind | undefined {
    return this.#kind
  }

  /** What the grant is known to permit, without asking Google; undefined while it is not known. Throws StoreError. */
  async knownScopes(): Promise<readonly string[] | undefined> {
    if (this.#scopes !== undefined) return this.#scopes
    const generation = this.#generation
    const grant = this.#unsaved ?? (await loadGrant(this.#in.store, this.#in.account))
    if (grant !== undefined && generation === this.#generation) this.#note(grant)
    return this.#scopes
  }

  reject(accessToken: string): void {
    if (this.#held?.accessToken !== accessToken) return
    this.#held = undefined
    const now = this.#in.clock.monotonicMs()
    // A new token is refused like the one before: asking for more would only make a storm.
    if (now - this.#rejectedAt < refusedPauseMs)
      this.#failed = {
        error: new MailError(
          'unavailable',
          'Gmail refuses the access tokens that Google gives for this account',
        ),
        until: now + refusedPauseMs,
      }
    this.#rejectedAt = now
  }

  accepted(accessToken: string): void {
    // Whatever becomes of it later: Gmail takes the tokens that Google gives.
    if (this.#held?.accessToken === accessToken) this.#rejectedAt = Number.NEGATIVE_INFINITY
  }

  renewed(): void {
    this.#generation += 1
    this.#held = undefined
    this.#request = undefined
    this.#failed = undefined
    this.#unsaved = undefined
    this.#scopes = undefined
    this.#end = undefined
    this.#outages = 0
    this.#rejectedAt = Number.NEGATIVE_INFINITY
  }

  #pause(now: number): MailError | undefined {
    return this.#failed !== undefined && now < this.#failed.until ? this.#failed.error : undefined
  }

  #refreshBeside(): void {
    // Nobody waits for it: a failure is logged where it happens, and the token in hand is good a while longer.
    this.#refresh().catch(() => undefined)
  }

  #refresh(): Promise<string> {
    if (this.#request !== undefined) return this.#request
    const generation = this.#generation
    const request = this.#fetch(generation).finally(() => {
      if (this.#request === request) this.#request = undefined
    })
    this.#request = request
    return request
  }

  async #fetch(generation: number): Promise<string> {
    const { clock, endpoints, http, log, store } = this.#in
    try {
      const grant = this.#unsaved ?? (await this.#load())
      const fresh = await this.#withScopes(grant, await requestToken(grant, http, endpoints))
      if (generation !== this.#generation) return fresh.accessToken
      const after = afterAnswer(grant, fresh)
      if (after !== grant || this.#unsaved !== undefined) {
        // Stored before the token is used: a kill in between must not leave the old refresh token only.
        this.#unsaved = after
        await this.#save(store, after)
        this.#unsaved = undefined
      }
      this.#note(after)
      this.#end = undefined
      const now = clock.monotonicMs()
      this.#held = heldFrom(fresh, now)
      this.#failed = undefined
      this.#outages = 0
      log.debug({ lifetimeMs: fresh.lifetimeMs }, 'access token received')
      this.#in.onRequest('ok')
      return fresh.accessToken
    } catch (thrown) {
      const error = this.#asMailError(thrown)
      this.#in.onRequest(error instanceof GrantError ? 'ended' : 'failed')
      if (generation === this.#generation) this.#remember(error)
      throw error
    }
  }

  /** Where the token endpoint does not tell what a grant permits, tokeninfo does; when that fails too, the next token may tell. */
  async #withScopes(grant: Grant, fresh: FreshToken): Promise<FreshToken> {
    if (grant.scopes.length > 0 || (fresh.scopes?.length ?? 0) > 0) return fresh
    return { ...fresh, scopes: await this.#in.askScopes(fresh.accessToken) }
  }

  #note({ kind, scopes }: Grant): void {
    this.#kind = kind
    if (scopes.length === 0 || scopes.join(' ') === this.#scopes?.join(' ')) return
    this.#scopes = [...scopes]
    this.#in.onScopes(this.#scopes)
  }

  async #load(): Promise<Grant> {
    const grant = await loadGrant(this.#in.store, this.#in.account)
    if (grant === undefined)
      throw new GrantError(
        'revoked-or-expired',
        this.#withPage('This account is not connected to Google. Connect it'),
      )
    return grant
  }

  async #save(store: Pick<Store, 'setSecret'>, grant: Grant): Promise<void> {
    try {
      await saveGrant(store, this.#in.account, grant)
    } catch (cause) {
      throw new MailError('storage', 'Cannot store the new refresh token that Google gave', { cause })
    }
  }

  #remember(error: MailError): void {
    const now = this.#in.clock.monotonicMs()
    const ended = error instanceof GrantError
    if (ended && error.end !== this.#end) {
      this.#end = error.end
      this.#in.onEnd(error.end)
    }
    const pauseMs = ended
      ? refusedPauseMs
      : Math.min(outagePauseMaxMs, outagePauseBaseMs * 2 ** this.#outages)
    if (!ended) this.#outages = Math.min(this.#outages + 1, 16)
    this.#failed = { error, until: now + pauseMs }
    const fields = ended ? { end: error.end, err: error } : { err: error }
    this.#in.log.warn(fields, 'no access token')
  }

  #asMailError(thrown: unknown): MailError {
    if (thrown instanceof GrantError)
      return new GrantError(thrown.end, this.#withPage(thrown.message), { cause: thrown.cause })
    if (thrown instanceof MailError) return thrown
    return new MailError('storage', 'Cannot read the grant of this account', { cause: thrown })
  }

  #withPage(sentence: string): string {
    const url = this.#in.pageUrl()
    return url === undefined || sentence.includes(url) ? sentence : `${sentence}: ${url}`
  }
}

function heldFrom({ accessToken, lifetimeMs }: FreshToken, now: number): Held {
  // A short-lived token is renewed at its middle, so that «ahead» does not mean «always».
  const ahead = Math.min(refreshAheadMs, lifetimeMs / 2)
  const leastLeft = Math.min(leastLeftMs, lifetimeMs / 4)
  return { accessToken, usableUntil: now + lifetimeMs - leastLeft, refreshAt: now + lifetimeMs - ahead }
}

/** The grant as it is after this answer; the same object when nothing changed. */
function afterAnswer(grant: Grant, { refreshToken, scopes }: FreshToken): Grant {
  if (grant.kind !== 'refresh-token') return grant
  const rotated = refreshToken !== undefined && refreshToken !== grant.refreshToken
  const told = scopes !== undefined && scopes.length > 0 && scopes.join(' ') !== grant.scopes.join(' ')
  if (!rotated && !told) return grant
  return { ...grant, ...(rotated ? { refreshToken } : {}), ...(told ? { scopes: [...scopes] } : {}) }
}

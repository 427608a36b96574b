import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './accounts.ts'
import { choices } from './choices.ts'
import {
  GmailError,
  insufficientScope,
  invalidArgument,
  invalidCredential,
  missingCredential,
  notFound,
  tooManyConcurrent,
} from './errors.ts'
import { strike } from './faults.ts'
import { parseBody } from './gmail/body.ts'
import type { Method } from './gmail/method.ts'
import { findMethod, type MethodMatch } from './gmail/methods.ts'
import { Parameters } from './gmail/parameters.ts'
import type { Grants, TokenInfo } from './grants.ts'
import type { ApiAnswer, ApiCall, Dispatch } from './http/call.ts'
import { checkFields, selectFields } from './http/fields.ts'
import type { World } from './world.ts'

/** Parameters of every Google API. Fact sheet section 6. */
const standardParameters = new Set([
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'upload_id',
  'upload_protocol',
  'uploadType',
])

interface Admission {
  readonly match: MethodMatch
  readonly token: TokenInfo
  readonly account: Account
}

/** Fact sheet section 6. Alt-Svc is left out: nothing here speaks HTTP/3. */
const answerHeaders: Readonly<Record<string, string>> = {
  vary: 'Origin, X-Origin, Referer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'x-xss-protection': '0',
  'cache-control': 'private',
}

/**
 * Everything between a call and its answer, in this order: method, token, whose mailbox, scopes, parameters, faults,
 * latency, quota, concurrency, the method itself, faults after it, partial response.
 * The Dispatch rejects for a dropped connection and for a bug, never for a GmailError.
 */
export function createDispatch(world: World, grants: Pick<Grants, 'verify'>): Dispatch {
  const underWay = new Map<string, number>()

  return async (call) => {
    try {
      return await answer(call)
    } catch (error) {
      if (error instanceof GmailError) return refusal(error)
      throw error
    }
  }

  async function answer(call: ApiCall): Promise<ApiAnswer> {
    const { match, token, account } = admit(call, world, grants)
    const { method } = match
    if (call.media !== undefined && method.uploadBytes === undefined) throw notFound()
    const fault = world.faults.take(method.name)
    if (fault) {
      if (fault.delayMs > 0) await sleep(fault.delayMs)
      if (fault.when === 'before') {
        if (fault.status > 0 || fault.drop) world.quota.refuse(method.name)
        strike(fault, world.clock.now())
      }
    }
    const body = await perform(call, match, account, token)
    if (fault?.when === 'after') strike(fault, world.clock.now())
    const emptyOk = method.name === 'messages.batchModify' && world.quirks.batchModifyEmpty200
    if (body === undefined) return { status: emptyOk ? 200 : 204, headers: { ...answerHeaders }, body }
    const fields = call.query.get('fields')
    const shown = fields === null || fields === '' ? body : selectFields(body, fields)
    return { status: 200, headers: { ...answerHeaders }, body: shown }
  }

  async function perform(call: ApiCall, { method, places }: MethodMatch, account: Account, token: TokenInfo) {
    const { address, mailbox } = account
    const others = underWay.get(address) ?? 0
    if (others >= choices.concurrency) {
      world.quota.refuse(method.name)
      throw tooManyConcurrent()
    }
    underWay.set(address, others + 1)
    try {
      if (world.latencyMs > 0) await sleep(world.latencyMs)
      world.quota.charge(address, method.name, method.units, world.clock.now())
      if (call.media !== undefined && call.media.length > (method.uploadBytes ?? 0))
        throw new GmailError(413, 'uploadTooLarge', 'Request Entity Too Large')
      return await method.run({
        world,
        account,
        mailbox,
        token,
        place(name) {
          const value = places.get(name)
          if (value === undefined) throw new TypeError(`${method.path} has no place called ${name}`)
          return value
        },
        query: new Parameters(call.query),
        body: method.http === 'GET' || method.http === 'DELETE' ? {} : parseBody(call.body),
        media: call.media,
      })
    } finally {
      underWay.set(address, (underWay.get(address) ?? 1) - 1)
    }
  }
}

/**
 * What can be said of a call before it is made: method, token, whose mailbox, scopes, parameters.
 * @throws {GmailError}
 */
export function admit(call: ApiCall, world: World, grants: Pick<Grants, 'verify'>): Admission {
  const match = findMethod(call.method, call.path)
  if (!match) throw notFound()
  const { method } = match
  const token = verifyToken(call, grants)
  const account = accountOf(world, token, match)
  if (!method.scopes.some((scope) => token.scopes.includes(scope))) throw insufficientScope(method.name)
  checkParameters(call, method)
  return { match, token, account }
}

/** Quirk 9: every n-th inner call of a batch is turned away. */
export function createBatchDispatch(world: World, dispatch: Dispatch): Dispatch {
  let count = 0
  return async (call) => {
    const every = world.quirks.batchFailEvery
    count += 1
    if (every <= 0 || count % every !== 0) return dispatch(call)
    const method = findMethod(call.method, call.path)?.method
    if (method) world.quota.refuse(method.name)
    return refusal(tooManyConcurrent())
  }
}

/** The envelope of fact sheet section 1.4 and what belongs in the header. */
function refusal(error: GmailError): ApiAnswer {
  const headers: Record<string, string> = { ...answerHeaders }
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds)
  if (error.code === 401) headers['www-authenticate'] = 'Bearer realm="https://accounts.google.com/"'
  return { status: error.code, headers, body: error.envelope() }
}

function verifyToken(call: ApiCall, grants: Pick<Grants, 'verify'>): TokenInfo {
  const [scheme, credential] = (call.headers['authorization'] ?? '').trim().split(/ +/, 2)
  const bearer = scheme?.toLowerCase() === 'bearer' ? credential : undefined
  const text = bearer ?? call.query.get('access_token') ?? call.query.get('oauth_token') ?? undefined
  if (text === undefined || text === '') throw missingCredential()
  const token = grants.verify(text)
  if (!token) throw invalidCredential()
  return token
}

/** `me` or the token's own address. Fact sheet section 1.4. */
function accountOf(world: World, token: TokenInfo, { userId }: MethodMatch): Account {
  const account = world.accounts.find(token.address)
  if (!account)
    throw new GmailError(400, 'failedPrecondition', 'Mail service not enabled', {
      status: 'FAILED_PRECONDITION',
    })
  if (userId !== 'me' && userId.toLowerCase() !== account.address.toLowerCase())
    throw new GmailError(403, 'forbidden', `Delegation denied for ${account.address}`)
  return account
}

function checkParameters({ query }: ApiCall, method: Method): void {
  for (const name of query.keys()) {
    if (standardParameters.has(name) || method.parameters?.includes(name) === true) continue
    throw invalidArgument(
      `Invalid JSON payload received. Unknown name ${JSON.stringify(name.slice(0, 100))}: Cannot bind query parameter. ` +
        'Field could not be found in request message.',
    )
  }
  const fields = query.get('fields')
  if (fields !== null && fields !== '') checkFields(fields)
  const alt = query.get('alt')
  if (alt !== null && alt !== '' && alt !== 'json')
    throw invalidArgument(`Unsupported alt value: ${alt.slice(0, 100)}`)
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ConsentError } from '#auth/consent-error.ts'
import type { Connected } from '#auth/consent.ts'
import { tiers } from '#auth/scopes.ts'
import { cookieOf, setCookie } from '../cookies.ts'
import { checkedForm, queryOf, seeOther, sendPage } from '../guard.ts'
import { hideAddress } from '../headers.ts'
import { isLoopbackHost } from '../host-check.ts'
import type { House } from '../house.ts'
import { elsewherePage } from '../pages/elsewhere.ts'
import { problemPage } from '../pages/problem.ts'
import { accessName } from '../pages/words.ts'
import type { Shelf } from '../shelf.ts'
import type { Visitors } from '../visitors.ts'

/** Where Google sends the browser back to. */
export const callbackPath = '/oauth/callback'
const flowSeconds = 600
/** Code, exchange and getProfile. */
const finishMs = 45_000

/** Begins a consent, and takes the answer that Google sends through the browser. RFC 8252 section 7.3. */
export function registerConnect(
  app: FastifyInstance,
  house: House,
  { visitors, shelf, port }: { visitors: Visitors; shelf: Shelf; port: () => number },
): void {
  const { consent, log } = house

  app.post('/connect', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const access = checked.form.get('access')
    const tier = tiers.find((one) => one === access)
    if (tier === undefined)
      return sendPage(reply, problemPage('Nothing was chosen.', 'Choose what Postern may do.'), 400)
    const account = checked.form.get('account')
    try {
      const begun = consent.begin({
        redirectUri: redirectUriFor(request, port()),
        tier,
        loginHint: account === null || account === '' ? undefined : account.slice(0, 320),
      })
      // Lax: it must come along when Google sends the person back, which is a navigation from another site.
      setCookie(reply, flowCookie(begun.state), begun.browser, {
        sameSite: 'Lax',
        maxAgeSeconds: flowSeconds,
      })
      if (isLoopbackHost(request.headers.host ?? '')) return seeOther(reply, begun.url)
      const formToken = visitors.formToken(checked.visitor)
      return sendPage(reply, elsewherePage({ url: begun.url, formToken }))
    } catch (error) {
      return sendFailure(reply, error)
    }
  })

  app.get(callbackPath, { exposeHeadRoute: false }, (request, reply) => {
    hideAddress(reply)
    return finish(request, reply, queryOf(request))
  })

  app.post('/connect/finish', async (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    const address = checked.form.get('address')?.trim() ?? ''
    if (!URL.canParse(address) || new URL(address).pathname !== callbackPath) {
      const advice = `Copy the whole address from the browser; it begins with http:// or https:// and has ${callbackPath} in it.`
      return sendPage(reply, problemPage('This is not the address that Google sent you to.', advice), 400)
    }
    return finish(request, reply, new URL(address).searchParams)
  })

  async function finish(request: FastifyRequest, reply: FastifyReply, query: URLSearchParams) {
    const cookie = flowCookie(query.get('state') ?? '')
    const browser = cookieOf(request, cookie)
    if (browser !== undefined) setCookie(reply, cookie, '', { sameSite: 'Lax', maxAgeSeconds: 0 })
    try {
      const connected = await consent.finish({ query, browser, signal: AbortSignal.timeout(finishMs) })
      await tellHouse(connected)
      return await showResult(reply, connected)
    } catch (error) {
      return sendFailure(reply, error)
    }
  }

  /** The account is connected whatever happens here: it would start at the next start at the latest. */
  async function tellHouse({ address, account }: Connected): Promise<void> {
    try {
      await house.connected?.(address)
    } catch (err) {
      log.error({ account, err }, 'a connected account could not be started')
    }
  }

  async function showResult(reply: FastifyReply, { address, tier, asked, isNew }: Connected) {
    const done = `${address} is connected: ${accessName(tier)}`
    const partial = tier === asked ? {} : { partial: { asked, given: tier } }
    // Who connects again has passwords already.
    if (!isNew && (await house.passwords.list(address)).length > 0)
      return seeOther(reply, tier === asked ? '/' : shelf.put({ address, done, ...partial }, reply))
    const made = await house.passwords.make(address, {
      ...(tier === 'send' ? { doors: ['smtp'] as const } : {}),
      ...(tier === 'read' ? { doors: ['imap', 'pop3'] as const, readOnly: true } : {}),
    })
    return seeOther(reply, shelf.put({ address, done, made, ...partial }, reply))
  }
}

/** One for each consent, so that two tabs do not disturb each other. Only what base64url has goes into the name. */
function flowCookie(state: string): string {
  return `postern_flow_${state.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 12)}`
}

/**
 * Where the browser reached us, if that is loopback, which Google allows with any port; otherwise our loopback address,
 * which the browser will not find: the person pastes it into the form.
 */
function redirectUriFor(request: FastifyRequest, port: number): string {
  const host = request.headers.host ?? ''
  return `http://${isLoopbackHost(host) ? host : `127.0.0.1:${port}`}${callbackPath}`
}

function sendFailure(reply: FastifyReply, error: unknown) {
  if (error instanceof ConsentError) return sendPage(reply, problemPage(error.message, error.advice), 400)
  throw error
}

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Log } from '#mail/surroundings.ts'
import { checkedForm, formOf, isFromHere, queryOf, seeOther, sendPage } from '../guard.ts'
import { problemPage } from '../pages/problem.ts'
import { signInPage } from '../pages/sign-in.ts'
import { safePath } from '../safe-path.ts'
import type { Visitors } from '../visitors.ts'

/** A little longer than the throttle ever lets a single guesser wait. */
const patienceMs = 25_000
/** So many may wait for their turn at once. */
const waitingLimit = 20

/** How people sign in where other machines can reach the pages. */
export interface SignIn {
  isRight(password: string): Promise<boolean>
  /** Makes guessing slow. Rejects with the signal's reason. */
  readonly throttle: {
    attempt<Verdict>(
      who: { remoteAddress: string; user: string },
      check: () => Promise<Verdict>,
      isGuess: (verdict: Verdict) => boolean,
      signal: AbortSignal,
    ): Promise<Verdict>
  }
  /** Told of every attempt. */
  onAttempt?(result: 'ok' | 'password' | 'throttled', remoteAddress: string): void
}

export function registerSignIn(
  app: FastifyInstance,
  { signIn, visitors, log }: { signIn: SignIn; visitors: Visitors; log: Log },
): void {
  let waiting = 0

  app.get('/sign-in', (request, reply) =>
    request.reached.signOutToken === undefined
      ? sendPage(reply, signInPage(safePath(queryOf(request).get('next'))))
      : seeOther(reply, '/'),
  )

  app.post('/sign-in', async (request, reply) => {
    if (!isFromHere(request))
      return sendPage(
        reply,
        problemPage('This form did not come from here.', 'Open the page itself and try again.'),
        403,
      )
    const remoteAddress = request.socket.remoteAddress ?? ''
    const form = formOf(request)
    const next = safePath(form.get('next'))
    const result = await attempt(form.get('password') ?? '', remoteAddress, reply)
    signIn.onAttempt?.(result, remoteAddress)
    if (result === 'throttled')
      return sendPage(reply.header('Retry-After', '60'), signInPage(next, 'many'), 429)
    if (result === 'password') {
      log.warn({ remoteAddress }, 'a wrong admin password')
      return sendPage(reply, signInPage(next, 'wrong'), 403)
    }
    log.info({ remoteAddress }, 'somebody signed in to the pages')
    visitors.signIn(request, reply)
    return seeOther(reply, next)
  })

  app.post('/sign-out', (request, reply) => {
    const checked = checkedForm(request, reply, visitors)
    if (checked === undefined) return reply
    visitors.signOut(checked.visitor, reply)
    return seeOther(reply, '/sign-in')
  })

  async function attempt(password: string, remoteAddress: string, reply: FastifyReply) {
    if (waiting >= waitingLimit) return 'throttled'
    waiting += 1
    const gone = new AbortController()
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(patienceMs)])
    reply.raw.once('close', () => gone.abort())
    try {
      const isRight = await signIn.throttle.attempt(
        { remoteAddress, user: 'admin' },
        () => signIn.isRight(password),
        (right) => !right,
        signal,
      )
      return isRight ? 'ok' : 'password'
    } catch (error) {
      if (signal.aborted) return 'throttled'
      throw error
    } finally {
      waiting -= 1
    }
  }
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { nameIn } from './host-check.ts'

/** How this request found us. */
interface Reached {
  /** The browser speaks TLS, with us or with the proxy of the public address: cookies may be kept to that. */
  readonly isSecure: boolean
  /** Of the page that the browser shows; with no slash at the end. */
  readonly origin: string
  /** Where forms of ours may come from. */
  readonly origins: readonly string[]
  /** For the form that signs out; undefined when nobody has signed in. */
  signOutToken?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    reached: Reached
  }
}

/**
 * Notes it for every request. Nothing is taken from `X-Forwarded-…`, which anybody can send: a proxy is known by the public
 * address that the operator named.
 */
export function noteReached(
  app: FastifyInstance,
  { tls, publicUrl }: { tls: boolean; publicUrl: URL | undefined },
): void {
  app.decorateRequest('reached')
  app.addHook('onRequest', async (request) => {
    request.reached = reachedBy(request, tls, publicUrl)
  })
}

function reachedBy({ headers }: FastifyRequest, tls: boolean, publicUrl: URL | undefined): Reached {
  const host = (headers.host ?? '').toLowerCase()
  const isPublic = publicUrl !== undefined && nameIn(host) === publicUrl.hostname
  const isSecure = tls || (isPublic && publicUrl.protocol === 'https:')
  const own = `${isSecure ? 'https' : 'http'}://${host}`
  return {
    isSecure,
    origin: isPublic ? publicUrl.origin : own,
    origins: publicUrl === undefined ? [own] : [own, publicUrl.origin],
  }
}

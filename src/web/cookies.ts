import type { FastifyReply, FastifyRequest } from 'fastify'

interface CookieOptions {
  /** `Lax` where it must come along when Google sends the person back. */
  readonly sameSite: 'Strict' | 'Lax'
  readonly path?: string
  readonly maxAgeSeconds?: number
}

/** The value of a cookie; undefined when there is none of this name. RFC 6265 section 5.4. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const prefix = `${name}=`
  for (const pair of (request.headers.cookie ?? '').split(';', 50)) {
    const trimmed = pair.trim()
    if (trimmed.startsWith(prefix)) return trimmed.slice(prefix.length)
  }
  return undefined
}

/** Name and value must be tokens, which base64url is. Scripts never see it, and no network where the pages have TLS. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const parts = [
    `${name}=${value}`,
    `Path=${options.path ?? '/'}`,
    'HttpOnly',
    `SameSite=${options.sameSite}`,
  ]
  if (reply.request.reached.isSecure) parts.push('Secure')
  if (options.maxAgeSeconds !== undefined) parts.push(`Max-Age=${options.maxAgeSeconds}`)
  reply.header('Set-Cookie', parts.join('; '))
}

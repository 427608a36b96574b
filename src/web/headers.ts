import type { FastifyReply } from 'fastify'

/** Of every answer. Nothing of ours may be kept, framed, read from elsewhere, or run a script but our own file. */
const always: readonly (readonly [string, string])[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
]

/** `formOrigin` is another origin that a form of the pages may lead to: browsers hold redirects against the policy too. */
export function securityHeaders(formOrigin: string): readonly (readonly [string, string])[] {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    `form-action 'self' ${formOrigin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return [
    ...always,
    ['Content-Security-Policy', policy.join('; ')],
    // Not no-referrer: with it browsers send `Origin: null` for our own forms, and their check would be blind.
    ['Referrer-Policy', 'same-origin'],
  ]
}

/** For addresses that hold a secret: no other page may learn where the person came from. */
export function hideAddress(reply: FastifyReply): FastifyReply {
  return reply.header('Referrer-Policy', 'no-referrer')
}

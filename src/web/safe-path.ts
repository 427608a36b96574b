import type { FastifyRequest } from 'fastify'

/** A path of ours, else the overview: what comes in a form or an address could lead anywhere. */
export function safePath(wanted: string | null): string {
  const base = 'http://postern.invalid'
  if (wanted === null || wanted.length > 2_000 || !wanted.startsWith('/') || !URL.canParse(wanted, base))
    return '/'
  const { origin, pathname, search } = new URL(wanted, base)
  return origin === base && !pathname.startsWith('//') && !pathname.startsWith('/sign-')
    ? pathname + search
    : '/'
}

/** Where the person wanted to go, when that can be repeated. */
export function wantedBy({ method, url }: FastifyRequest): string {
  return method === 'GET' ? safePath(url) : '/'
}

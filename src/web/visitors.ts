import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RandomBytes } from '#mail/surroundings.ts'
import { cookieOf, setCookie } from './cookies.ts'
import type { Sessions } from './sessions.ts'

/**
 * Who looks at the pages. Where only this machine reaches them everybody is welcome and no list is kept: the cookie holds a
 * random value and our signature over it, and the token in every form is another signature over the same value. Where others
 * can reach them the value is that of a session, which begins with the admin password. The key is of this process.
 */
export class Visitors {
  readonly #key: Buffer
  readonly #randomBytes: RandomBytes
  readonly #sessions: Sessions | undefined

  /** With sessions only who has signed in is a visitor. */
  constructor(randomBytes: RandomBytes, sessions: Sessions | undefined) {
    this.#key = randomBytes(32)
    this.#randomBytes = randomBytes
    this.#sessions = sessions
  }

  /** The visitor's value, or undefined when there is none and only signing in would make one. */
  recognise(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const value = this.#valueIn(request)
    if (this.#sessions === undefined) return value ?? this.#welcome(reply)
    return value !== undefined && this.#sessions.see(value) ? value : undefined
  }

  /** Whether this visitor may still be told what changes. It does not count as a visit. */
  isStillHere(visitor: string): boolean {
    return this.#sessions?.isGoing(visitor) ?? true
  }

  /** The password was right: the visitor is recognised from the next request on. */
  signIn(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#sessions === undefined) return
    const before = this.#valueIn(request)
    if (before !== undefined) this.#sessions.end(before)
    this.#keep(reply, this.#sessions.begin())
  }

  signOut(visitor: string, reply: FastifyReply): void {
    this.#sessions?.end(visitor)
    setCookie(reply, cookieName(reply.request), '', { sameSite: 'Lax', maxAgeSeconds: 0 })
  }

  formToken(visitor: string): string {
    return this.#sign('form', visitor)
  }

  isFormToken(token: string | null, visitor: string): boolean {
    return token !== null && isSame(token, this.formToken(visitor))
  }

  #welcome(reply: FastifyReply): string {
    const value = this.#randomBytes(24).toString('base64url')
    this.#keep(reply, value)
    return value
  }

  /**
   * Lax where there are sessions: Google sends the person back to these pages, and browsers count what follows as coming
   * from there. Forms have their token.
   */
  #keep(reply: FastifyReply, value: string): void {
    setCookie(reply, cookieName(reply.request), `${value}.${this.#sign('visitor', value)}`, {
      sameSite: this.#sessions === undefined ? 'Strict' : 'Lax',
    })
  }

  #valueIn(request: FastifyRequest): string | undefined {
    const [value, signature] = cookieOf(request, cookieName(request))?.split('.', 2) ?? []
    if (value === undefined || signature === undefined) return undefined
    return isSame(signature, this.#sign('visitor', value)) ? value : undefined
  }

  #sign(use: string, value: string): string {
    return createHmac('sha256', this.#key).update(`${use} ${value}`).digest('base64url')
  }
}

/** With the prefix no other port or neighbouring name can set it. RFC 6265bis section 4.1.3.2. */
function cookieName({ reached }: FastifyRequest): string {
  return reached.isSecure ? '__Host-postern_visitor' : 'postern_visitor'
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

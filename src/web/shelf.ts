import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Tier } from '#auth/scopes.ts'
import type { Clock, RandomBytes } from '#mail/surroundings.ts'
import { cookieOf, setCookie } from './cookies.ts'

/** What was done for an account just now. */
export interface ToShow {
  readonly address: string
  /** In a sentence. */
  readonly done: string
  /** A new client password. */
  readonly made?: { readonly name: string; readonly password: string }
  /** Google gave less than was asked for. */
  readonly partial?: { readonly asked: Tier; readonly given: Tier }
}

const cookieName = 'postern_shown'
const path = '/shown'
const lifetimeMs = 10 * 60_000
const limit = 20

/**
 * What is shown once: it waits for the browser that made it to follow a redirect, so that neither a code in the address
 * nor a repeated form makes it twice. The cookie is Lax because Google's redirect leads here; the address alone opens nothing.
 */
export class Shelf {
  readonly #clock: Clock
  readonly #randomBytes: RandomBytes
  readonly #items = new Map<string, { toShow: ToShow; endsAt: number }>()

  constructor(clock: Clock, randomBytes: RandomBytes) {
    this.#clock = clock
    this.#randomBytes = randomBytes
  }

  /** Gives the address to redirect to. */
  put(toShow: ToShow, reply: FastifyReply): string {
    const ticket = this.#randomBytes(24).toString('base64url')
    this.#items.set(ticket, { toShow, endsAt: this.#clock.monotonicMs() + lifetimeMs })
    const oldest = this.#items.keys().next().value
    if (this.#items.size > limit && oldest !== undefined) this.#items.delete(oldest)
    setCookie(reply, cookieName, ticket, { sameSite: 'Lax', path, maxAgeSeconds: lifetimeMs / 1000 })
    return path
  }

  /** Undefined when it was shown already, is too old, or another browser asks. */
  take(request: FastifyRequest): ToShow | undefined {
    const ticket = cookieOf(request, cookieName) ?? ''
    const item = this.#items.get(ticket)
    this.#items.delete(ticket)
    return item !== undefined && item.endsAt > this.#clock.monotonicMs() ? item.toShow : undefined
  }
}

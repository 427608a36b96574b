import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RandomBytes } from '#mail/surroundings.ts'
import { cookieOf, setCookie } from './cookies.ts'

const cookieName = 'postern_visitor'

/**
 * Who looks at the pages, without a list: the cookie holds a random value and our signature over it, and the token in every
 * form is another signature over the same value. The key is of this process; after a restart people get a new cookie.
 */
export class Visitors {
  readonly #key: Buffer
  readonly #randomBytes: RandomBytes
  readonly #accessKey: string | undefined

  /** With an access key only who showed it is a visitor. */
  constructor(randomBytes: RandomBytes, accessKey: string | undefined) {
    this.#key = randomBytes(32)
    this.#randomBytes = randomBytes
    this.#accessKey = accessKey
  }

  /** The visitor's value, or undefined when there is none and only an access key would make one. */
  recognise(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const cookie = cookieOf(request, cookieName)
    const [value, signature] = cookie?.split('.', 2) ?? []
    if (value !== undefined && signature !== undefined && isSame(signature, this.#sign('visitor', value)))
      return value
    return this.#accessKey === undefined ? this.#welcome(reply) : undefined
  }

  /** True when the key was right; the visitor is recognised from the next request on. */
  enter(key: string, reply: FastifyReply): boolean {
    if (this.#accessKey === undefined || !isSame(key, this.#accessKey)) return false
    this.#welcome(reply)
    return true
  }

  formToken(visitor: string): string {
    return this.#sign('form', visitor)
  }

  isFormToken(token: string | null, visitor: string): boolean {
    return token !== null && isSame(token, this.formToken(visitor))
  }

  #welcome(reply: FastifyReply): string {
    const value = this.#randomBytes(24).toString('base64url')
    setCookie(reply, cookieName, `${value}.${this.#sign('visitor', value)}`, { sameSite: 'Strict' })
    return value
  }

  #sign(use: string, value: string): string {
    return createHmac('sha256', this.#key).update(`${use} ${value}`).digest('base64url')
  }
}

/** A key where other machines can reach the pages: who opens them can make a password to the mail. */
export function accessKeyFor(listenHost: string, randomBytes: RandomBytes): string | undefined {
  return isLoopbackAddress(listenHost) ? undefined : randomBytes(24).toString('base64url')
}

function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

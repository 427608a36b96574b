import { createHash } from 'node:crypto'
import type { AuthorizationRequest } from './authorization.ts'

/** RFC 6749 section 4.1.2 recommends ten minutes at most. */
const lifetimeMs = 10 * 60 * 1000
const waitingLimit = 100

/** What a person has allowed, until the client fetches it. */
export interface Permission {
  request: AuthorizationRequest
  address: string
  scopes: readonly string[]
}

interface Waiting<T> {
  value: T
  until: number
}

/** Requests that wait for a person, and codes that wait for their client: each is used once, within ten minutes. */
export class CodeBook {
  readonly #options: { now(): number; randomBytes(size: number): Buffer }
  readonly #requests = new Map<string, Waiting<AuthorizationRequest>>()
  readonly #codes = new Map<string, Waiting<Permission>>()

  constructor(options: { now(): number; randomBytes(size: number): Buffer }) {
    this.#options = options
  }

  /** Returns the ticket that the consent page's form carries. */
  addRequest(request: AuthorizationRequest): string {
    const ticket = this.#options.randomBytes(24).toString('base64url')
    this.#put(this.#requests, ticket, request)
    return ticket
  }

  takeRequest(ticket: string): AuthorizationRequest | undefined {
    return this.#take(this.#requests, ticket)
  }

  addCode(permission: Permission): string {
    const code = `4/0A${this.#options.randomBytes(48).toString('base64url')}`
    this.#put(this.#codes, code, permission)
    return code
  }

  takeCode(code: string): Permission | undefined {
    return this.#take(this.#codes, code)
  }

  #put<T>(book: Map<string, Waiting<T>>, key: string, value: T): void {
    book.set(key, { value, until: this.#options.now() + lifetimeMs })
    const oldest = book.keys().next().value
    if (book.size > waitingLimit && oldest !== undefined) book.delete(oldest)
  }

  #take<T>(book: Map<string, Waiting<T>>, key: string): T | undefined {
    const waiting = book.get(key)
    book.delete(key)
    return waiting !== undefined && waiting.until > this.#options.now() ? waiting.value : undefined
  }
}

/** Whether a verifier fits the challenge of the authorization request. RFC 7636 section 4.6. */
export function isProof(
  verifier: string,
  challenge: NonNullable<AuthorizationRequest['challenge']>,
): boolean {
  if (challenge.method === 'plain') return verifier === challenge.text
  return createHash('sha256').update(verifier).digest('base64url') === challenge.text
}

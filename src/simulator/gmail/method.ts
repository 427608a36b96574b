import type { Account } from '../accounts.ts'
import type { TokenInfo } from '../grants.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import type { World } from '../world.ts'
import type { Body } from './body.ts'
import type { Parameters } from './parameters.ts'

/** A call that has passed token, scopes, quota and the rest, and only has to be done. */
export interface MethodCall {
  readonly world: World
  readonly account: Account
  readonly mailbox: Mailbox
  readonly token: TokenInfo
  /** What stands in the path's place of `{name}`; throws for a name the path has not. */
  readonly place: (name: string) => string
  readonly query: Parameters
  readonly body: Body
  /** The message of an upload. */
  readonly media: Buffer | undefined
}

/** A method is a value: what the pipeline must know of it stands beside what it does. */
export interface Method {
  /** As Google's discovery document calls it, without `gmail.users.`. */
  readonly name: string
  readonly http: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/gmail/v1/users/{userId}/`. */
  readonly path: string
  /** Any one of them is enough. */
  readonly scopes: readonly string[]
  /** Quota units, May 2026. Fact sheet section 1.2. */
  readonly units: number
  /** Query parameters besides Google's standard ones. */
  readonly parameters?: readonly string[]
  /** The most octets of a media upload; absent when the method takes none. */
  readonly uploadBytes?: number
  /** The answer's body; undefined is an answer without content. Throws GmailError. */
  run(call: MethodCall): unknown
}

export function method(value: Method): Method {
  return value
}

import type { Admission, Refusal } from '#mail/doorman.ts'
import type { Gatekeeper } from '#wire/gatekeeper.ts'

/** How one listener receives its clients. */
export interface Manner {
  /** In the order in which they are offered. */
  readonly mechanisms: readonly string[]
  /** AUTH without TLS. */
  readonly plainLogin: boolean
  /** Somebody who needs not log in, by address; `refused` is told and cut off. */
  welcome(remoteAddress: string): Promise<Admission | Refusal | undefined>
  readonly gatekeeper: Gatekeeper
}

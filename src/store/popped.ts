import type { MessageKey } from '#mail/ids.ts'

/** Which messages POP3 sessions are done with. Of messages that are known; forgotten with them. */
export interface PoppedStore {
  /** Those of `keys` that were deleted, or with `retrieved` those that were retrieved or deleted. */
  among(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>>
  /** Adds what one session did; what was deleted once stays so. One transaction; what is not known any more is left out. */
  add(session: {
    readonly retrieved: readonly MessageKey[]
    readonly deleted: readonly MessageKey[]
  }): Promise<void>
}

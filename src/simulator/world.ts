import type { Account, AccountBook } from './accounts.ts'
import { encodeBase64url } from './base64url.ts'
import type { PostOffice } from './delivery/post-office.ts'
import { notFound } from './errors.ts'
import type { Faults } from './faults.ts'
import type { MessageRow } from './mailbox/mailbox.ts'
import type { Push } from './pubsub/push.ts'
import type { Quirks } from './quirks.ts'
import type { Quota } from './quota.ts'
import type { SimulatorClock } from './surroundings.ts'

/** What there is besides the mailboxes themselves: every method and control verb may look at it. */
export interface World {
  readonly clock: SimulatorClock
  readonly accounts: AccountBook
  readonly quirks: Quirks
  readonly quota: Quota
  readonly faults: Faults
  readonly post: PostOffice
  readonly push: Push
  /** How long every call takes besides its work. */
  latencyMs: number
}

/** The message behind an id of a path. Ghosts and what cannot be read yet (quirks 1 and 14) are not there. Throws 404. */
export function requireMessage(world: World, account: Account, id: string): MessageRow {
  const row = account.mailbox.find(id)
  if (!row || !isReadable(world, row)) throw notFound()
  return row
}

export function isReadable({ quirks, clock }: World, row: MessageRow): boolean {
  if (quirks.ghosts.includes(row.id)) return false
  return quirks.readableLagMs === 0 || clock.now() - row.added_at >= quirks.readableLagMs
}

/** The message's label ids as a client is shown them (quirk 10). */
export function shownLabels({ quirks }: World, labelIds: readonly string[]): string[] {
  return [...labelIds, ...quirks.unlistedLabels.filter((id) => !labelIds.includes(id))]
}

/** Octets as they go into JSON. */
export function encodeOctets({ quirks }: World, bytes: Buffer): string {
  const text = encodeBase64url(bytes)
  return quirks.unpadded ? text.replace(/=+$/, '') : text
}

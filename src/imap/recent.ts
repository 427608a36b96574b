import type { MailboxId } from '#mail/ids.ts'
import type { Recents } from '#mail/recent.ts'
import { indexOfUid } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Extension } from './command.ts'

/** The messages of a view that are \Recent: its session was the first to be told of them. RFC 3501 section 2.3.2. */
export interface RecentMessages {
  readonly none: boolean
  has(uid: number): boolean
}

export const noneRecent: RecentMessages = { none: true, has: () => false }

/** IMAP4rev2 has no \Recent any more. RFC 9051 appendix E. */
export function recentFor(enabled: ReadonlySet<Extension>, recent: RecentMessages): RecentMessages {
  return recent.none || enabled.has('IMAP4REV2') ? noneRecent : recent
}

/** Flags as between the parentheses of FLAGS (…), of a message that is \Recent. */
export function withRecent(flags: string): string {
  return flags === '' ? '\\Recent' : `${flags} \\Recent`
}

/** What one session takes from those that nobody was told of. */
export class TakenRecents implements RecentMessages {
  readonly #source: Recents | undefined
  readonly #mailbox: MailboxId
  readonly #readOnly: boolean
  readonly #uids = new Set<number>()

  constructor(source: Recents | undefined, mailbox: MailboxId, readOnly: boolean) {
    this.#source = source
    this.#mailbox = mailbox
    this.#readOnly = readOnly
  }

  get none(): boolean {
    return this.#uids.size === 0
  }

  has(uid: number): boolean {
    return this.#uids.has(uid)
  }

  /** The session is told of all messages below. One that only reads leaves them to the others as they were. */
  take(below: number): void {
    const source = this.#source
    if (source === undefined) return
    const untold = source.of(this.#mailbox)
    if (untold.length === 0) return
    for (const uid of untold) if (uid < below) this.#uids.add(uid)
    if (!this.#readOnly) source.told(this.#mailbox, below)
  }

  count(told: MailboxSnapshot): number {
    let count = 0
    for (const uid of this.#uids)
      if (indexOfUid(told, uid) === -1) this.#uids.delete(uid)
      else count++
    return count
  }
}

import type { AccountId } from './ids.ts'
import type { Mailstore } from './mailstore.ts'

/** A front door of the house. */
export type Door = 'imap' | 'pop3' | 'smtp'

/** What a login may do. */
export interface Rights {
  readonly readOnly: boolean
  /** Mailbox names it may see; undefined for all. */
  readonly mailboxes: readonly string[] | undefined
  /** IMAP capabilities that its client trips over, in capitals: not announced. */
  readonly hiddenCapabilities?: readonly string[] | undefined
  /** Nothing may vanish: see mail/no-delete.ts, which its `mailstore` is wrapped in. */
  readonly noDelete?: boolean | undefined
  /** Why it may only read, when that is not the password's own right: a sentence for the person. */
  readonly readOnlyBecause?: string | undefined
}

/** Somebody was let in. */
export interface Admission {
  /** What logs call the account. */
  readonly account?: AccountId
  /** The account's own address, whatever spelling the client used. */
  readonly address: string
  /** Name of the client password, `oauth` for a Google access token. */
  readonly passwordName: string
  readonly rights: Rights
  readonly mailstore: Mailstore
}

/** Somebody was not let in; says why in words that may be shown. Unknown user and wrong password are the same. */
export interface Refusal {
  readonly refused: 'credentials' | 'door' | 'expired' | 'grant-ended' | 'unavailable' | 'crowded'
  readonly text: string
  /** The true reason where the words must not tell it; for the log and the audit log alone. */
  readonly reason?: string | undefined
}

/** Who may come in. `session` is what the logs call the connection. Never throws for wrong input; takes equally long for unknown users. */
export interface Doorman {
  password(
    user: string,
    password: string,
    door: Door,
    remoteAddress: string,
    session?: string,
  ): Promise<Admission | Refusal>
  /** A Google access token (XOAUTH2, OAUTHBEARER) for a known account. */
  bearer(
    user: string,
    token: string,
    door: Door,
    remoteAddress: string,
    session?: string,
  ): Promise<Admission | Refusal>
}

import type { FastifyInstance } from 'fastify'
import type { Consent } from '#auth/consent.ts'
import type { OAuthClientBook } from '#auth/oauth-client-book.ts'
import type { PasswordBook } from '#auth/password-book.ts'
import type { Tier } from '#auth/scopes.ts'
import type { ConnectedClient } from '#mail/connected-client.ts'
import type { Clock, Log, RandomBytes } from '#mail/surroundings.ts'

/** An account as the overview shows it. */
export interface AccountState {
  readonly address: string
  readonly phase: 'unsynced' | 'listing' | 'catching-up' | 'live' | 'expired'
  readonly messages: number
  /** Of which the content is known. */
  readonly hydrated: number
  /** How long knowing the rest takes at the pace of the quota, in milliseconds. */
  readonly etaMs?: number | undefined
  /** How much the person lets Postern do; asked for again by «Connect again». Undefined while it is not known. */
  readonly access?: Tier | undefined
  /** Whether that includes sending, which `read` may come with; undefined: as the access has it. */
  readonly maySend?: boolean | undefined
  /** What keeps it from working, in a sentence for the person. */
  readonly alert: string | undefined
}

/** Where a mail program connects. */
export interface MailServer {
  readonly protocol: 'IMAP' | 'POP3' | 'SMTP'
  readonly host: string
  readonly port: number
  readonly security: 'TLS' | 'STARTTLS' | 'none'
}

export interface CacheState {
  readonly diskBytes: number
  /** It grows no further. */
  readonly limitBytes?: number | undefined
  /** Messages on disk. */
  readonly entries?: number | undefined
  readonly hits: number
  readonly misses: number
}

/** Something that went wrong, in a sentence for the person. */
export interface Trouble {
  /** Epoch milliseconds, of the last time. */
  readonly at: number
  /** The account that it is about; undefined when it is about no single one. */
  readonly address: string | undefined
  readonly text: string
  /** The way out. */
  readonly advice: string
  /** More of the last time: which protocol, from where. */
  readonly detail?: string | undefined
  /** How often it has come. */
  readonly times: number
}

/** What the pages are about; handed in, so that they know nothing of how mail works. */
export interface House {
  readonly consent: Consent
  readonly passwords: PasswordBook
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly log: Log
  accounts(): Promise<readonly AccountState[]> | readonly AccountState[]
  mailServers(): readonly MailServer[]
  /** What `/readyz` says: 200 when ready, else 503. */
  readiness(): Promise<Readiness> | Readiness
  /** The OAuth client; without it the environment alone sets it. */
  readonly oauthClient?: OAuthClientBook
  /** Who is connected now. */
  clients?(): readonly ConnectedClient[]
  /** Quota units since the start, all accounts together. */
  spentUnits?(): number
  /** Quota units that may be spent in a minute, all accounts together. */
  allowedUnits?(): number
  cache?(): CacheState
  /** The last ones, newest first. */
  troubles?(): readonly Trouble[]
  /** PEM of our own authority; undefined when the operator's certificate is in use. */
  authority?(): Promise<string | undefined>
  /** A configuration profile inside a signature with the certificate of the front doors. */
  sign?(content: Buffer): Promise<Buffer>
  /** An account was connected just now: start it. */
  connected?(address: string): Promise<void> | void
  /** More routes of the same server, behind the same Host check: metrics, push. */
  routes?(app: FastifyInstance): void
}

/** The account of this address, however it is spelt; undefined when there is none. */
export async function findAccount(
  house: Pick<House, 'accounts'>,
  address: string | null | undefined,
): Promise<AccountState | undefined> {
  const wanted = address?.toLowerCase()
  return (await house.accounts()).find((one) => one.address.toLowerCase() === wanted)
}

interface Readiness {
  readonly ready: boolean
  /** Why not; own words only. */
  readonly reason?: string | undefined
}

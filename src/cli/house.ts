import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createMessageCache } from '#account/cache/message-cache.ts'
import type { MessageCache } from '#account/cache/message-cache.ts'
import { createConsent } from '#auth/consent.ts'
import type { Consent } from '#auth/consent.ts'
import { endpointsFrom } from '#auth/endpoints.ts'
import { loadKey } from '#auth/key.ts'
import { openOAuthClientBook } from '#auth/oauth-client-book.ts'
import type { OAuthClientBook } from '#auth/oauth-client-book.ts'
import { createPasswordBook } from '#auth/password-book.ts'
import type { PasswordBook } from '#auth/password-book.ts'
import { createSeal } from '#auth/seal.ts'
import { createSideOpener } from '#auth/side-opener.ts'
import { createTokenManager } from '#auth/token-manager.ts'
import type { TokenManager } from '#auth/token-manager.ts'
import type { Doorman } from '#mail/doorman.ts'
import type { Clock, Log, RandomBytes } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import type { Store } from '#store/store.ts'
import { createAccountBook } from './account-book.ts'
import type { AccountBook } from './account-book.ts'
import { openAuditLog } from './audit/audit-log.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { WitnessedDoors } from './audit/witnessed-doors.ts'
import { keepAccountsFile } from './accounts-file.ts'
import { Complaint } from './complaint.ts'
import { createEntrances } from './entrances.ts'
import type { GuestHouse } from './guest-house.ts'
import { openStore } from './open-store.ts'
import { openPush } from './push/push.ts'
import type { Push } from './push/push.ts'
import type { Config } from './settings.ts'
import type { Tracing } from './tracing/tracing.ts'

/** The back rooms, open: everything but the front doors and the pages. */
export interface House {
  readonly store: Store
  readonly cache: MessageCache
  readonly tokens: TokenManager
  readonly accounts: AccountBook
  readonly guestHouse: GuestHouse
  readonly consent: Consent
  /** Undefined where Gmail does not tell. */
  readonly push: Push | undefined
  readonly oauthClient: OAuthClientBook
  readonly passwords: PasswordBook
  readonly doorman: Doorman
  /** Undefined when it is off. */
  readonly audit: AuditLog | undefined
  /** What mail clients do passes through these; undefined when the audit log is off. */
  readonly witnessed: WitnessedDoors | undefined
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  /** Sets every account to work that is not; those that are try anew. */
  openAll(): Promise<void>
  /** Takes up the accounts file and sets every account to work. `pageUrl` must be known by now. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the data folder and what is in it. Throws Complaint or an error of a room whose message says what to do.
 */
export async function openHouse(
  config: Config,
  {
    clock,
    log,
    count,
    tracing,
    pageUrl,
    onRevoked,
  }: {
    clock: Clock
    log: Log
    count: Counters
    tracing?: Tracing | undefined
    pageUrl: () => string | undefined
    /** A client password is good no more, or none of the account's: `name` undefined. */
    onRevoked?: (address: string, name?: string) => void
  },
): Promise<House> {
  const { dataDir } = config
  await makeDataDir(dataDir)
  const key = await loadKey({ env: keyEnvironment(config), dataDir, randomBytes })
  const seal = createSeal(key)
  const ending = new AbortController()
  await using opened = new AsyncDisposableStack()
  const audit = openAuditLog(config.auditLog, { clock, log })
  opened.defer(() => audit?.close())
  const store = await openStore(config, { seal, clock, log })
  opened.defer(() => store.close())
  const side = createSideOpener({ key, log })
  opened.defer(() => side.close())
  const cache = await createMessageCache({
    dir: join(dataDir, 'cache'),
    diskBytes: config.cacheDiskMb * 1024 * 1024,
    memoryBytes: config.cacheMemoryMb * 1024 * 1024,
    seal,
    side,
    log,
  })
  opened.defer(() => cache.close())
  const endpoints = endpointsFrom({
    authUrl: config.googleAuthUrl,
    tokenUrl: config.googleTokenUrl,
    apiUrl: config.gmailApiUrl,
    iamUrl: config.googleIamUrl,
  })
  const oauthClient = await openOAuthClientBook({
    dataDir,
    seal,
    environment: { clientId: config.googleClientId, clientSecret: config.googleClientSecret },
    endpoints,
    log,
  })
  const client = () => oauthClient.current()
  const tokens = createTokenManager({
    endpoints,
    store,
    clock,
    log,
    pageUrl,
    onRequest: (result) => count.tokenRequest(result),
    onScopes: (id, scopes) => accounts.scopesChanged(id, scopes),
    onEnd(id, end) {
      accounts.grantEnded(id, end)
      const address = accounts.reports().find((one) => one.id === id)?.address
      audit?.record({ action: 'grant-lost', account: id, address, result: 'ok', reason: end })
    },
  })
  const reconnectHint = () => {
    const url = pageUrl()
    return url === undefined ? 'run postern account add' : `open ${url}`
  }
  const push = openPush(config, { endpoints, clock, log })
  opened.defer(async () => push?.close())
  const accounts = createAccountBook({
    config,
    store,
    cache,
    tokens,
    clock,
    log,
    count,
    tracing,
    push,
    reconnectHint,
    onEnded: (address) => onRevoked?.(address),
    onRemoved: (account, address) =>
      audit?.record({ action: 'account-removed', account, address, result: 'ok' }),
  })
  opened.defer(() => accounts.close())
  const entrances = createEntrances({
    store,
    tokens,
    accounts,
    endpoints,
    clientId: () => client()?.clientId,
    audit,
    clock,
    log,
    count,
    reconnectHint,
    onRevoked,
  })
  const { doorman, guests, guestHouse, witnessed } = entrances
  opened.defer(() => guestHouse.close())
  const consent = createConsent({ endpoints, client, store, tokens, clock, randomBytes, log })
  const passwords = createPasswordBook({ store, clock, randomBytes, onRevoked })

  /** Guests wait for their login. */
  async function openAll(): Promise<void> {
    for (const row of await store.accounts()) if (!(await guests.isGuest(row.id))) await accounts.open(row)
  }

  const closing = opened.move()
  return {
    store,
    cache,
    tokens,
    accounts,
    guestHouse,
    consent,
    push,
    oauthClient,
    passwords,
    doorman,
    audit,
    witnessed,
    clock,
    random: randomBytes,
    log,
    openAll,
    async start() {
      const { accountsFile } = config
      if (accountsFile !== undefined)
        await keepAccountsFile(accountsFile, {
          ...entrances,
          store,
          tokens,
          accounts,
          audit,
          client,
          clock,
          log,
          signal: ending.signal,
          onWatching: (stopped) =>
            closing.defer(() => {
              ending.abort()
              return stopped
            }),
        })
      await openAll()
    },
    close: () => closing.disposeAsync(),
  }
}

/** Throws Complaint. */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Complaint(
      `The data folder ${dataDir} cannot be made (${code ?? 'unknown error'}). Set POSTERN_DATA_DIR to a folder that may be written`,
      { cause: error },
    )
  }
}

/** Where the key is looked for first. */
export function keyEnvironment({ key, keyFile }: Config): Record<string, string> {
  return {
    ...(key === undefined ? {} : { POSTERN_KEY: key }),
    ...(keyFile === undefined ? {} : { POSTERN_KEY_FILE: keyFile }),
  }
}

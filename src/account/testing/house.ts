import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createSeal } from '#auth/seal.ts'
import { createGmail } from '#gmail/client.ts'
import { GrantError } from '#mail/errors.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { systemClock } from '#mail/surroundings.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import { startSimulator } from '#simulator/simulator.ts'
import type { SendStore } from '#store/sends.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { createAccount } from '../account.ts'
import type { Account, AccountOptions } from '../account.ts'
import { createMessageCache } from '../cache/message-cache.ts'
import type { AccountState } from '../progress.ts'
import { Control } from './control.ts'

/** What a house is built from, so that a second one can be built on the same ground. */
export interface Ground {
  readonly dir: string
  readonly gmailUrl: string
  readonly refreshToken: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface House {
  readonly account: Account
  /** The ledger in which the account's outbox writes. */
  readonly sends: SendStore
  /** Resolves when the state is so; the test's own time limit ends it otherwise. */
  until(condition: (state: AccountState) => boolean): Promise<AccountState>
  mailbox(name: string): Promise<Mailbox>
  snapshot(name: string): Promise<MailboxSnapshot>
  /** Resolves when history up to here is in the store. */
  reached(historyId: bigint): Promise<void>
  /** The person connected the account again. */
  renewGrant(refreshToken: string): void
  /** Closes account, cache and store; the second time it does nothing. */
  close(): Promise<void>
}

export const never = new AbortController().signal
const say = (level: string) => (fields: object, message: string) => {
  if (process.env['LOUD']) console.error(level, message, fields)
}
export const silence: Log = {
  debug: say('debug'),
  info: say('info'),
  warn: say('warn'),
  error: say('error'),
  child: () => silence,
}

/** A clock on which everything passes `speed` times as fast. */
export function hurriedClock(speed: number): Clock {
  const start = Date.now()
  return {
    now: () => start + performance.now() * speed,
    monotonicMs: () => performance.now() * speed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  }
}

/** An account as the program builds it: real store, real cache, real Gmail client over HTTP. */
export async function buildHouse(
  ground: Ground,
  options: Partial<
    Pick<
      AccountOptions,
      | 'prefetch'
      | 'clock'
      | 'log'
      | 'pollSeconds'
      | 'isTold'
      | 'categories'
      | 'prefix'
      | 'popDisposition'
      | 'expunge'
      | 'sentCopyOf'
    >
  > & {
    quotaPerMinute?: number
  } = {},
): Promise<House> {
  const log = options.log ?? silence
  const clock = options.clock ?? systemClock
  const seal = createSeal(Buffer.alloc(32, 7))
  const store = await openSqliteStore({ path: join(ground.dir, 'store.db'), seal, clock: systemClock, log })
  const cache = await createMessageCache({
    dir: join(ground.dir, 'cache'),
    diskBytes: 64 * 1024 * 1024,
    memoryBytes: 1024 * 1024,
    seal,
    log,
  })
  const { id, address } = await store.addAccount('demo@gmail.test')
  const tokens = refreshingTokens(ground)
  const gmail = createGmail({
    apiUrl: ground.gmailUrl,
    tokens,
    quotaPerMinute: options.quotaPerMinute ?? 1_000_000,
    clock: systemClock,
    log,
  })
  const account = await createAccount({
    id,
    address,
    store: store.account(id),
    gmail,
    cache,
    clock,
    log,
    prefetch: options.prefetch ?? 'off',
    pollSeconds: options.pollSeconds ?? 5,
    isTold: options.isTold,
    prefix: options.prefix ?? '[Gmail]',
    categories: options.categories ?? false,
    popDisposition: options.popDisposition,
    reconnectHint: 'run postern account add',
    expunge: options.expunge,
    sentCopyOf: options.sentCopyOf,
  })

  let isClosed = false

  async function mailbox(name: string): Promise<Mailbox> {
    const all = await account.mailstore.mailboxes(never)
    const found = all.find((one) => one.name === name)
    if (found === undefined)
      throw new Error(`There is no mailbox ${name}: ${all.map((one) => one.name).join(', ')}`)
    return found
  }

  return {
    account,
    sends: store.account(id).sends,
    mailbox,
    until(condition) {
      return new Promise((resolve) => {
        const look = () => {
          const state = account.state()
          if (!condition(state)) return
          stop()
          resolve(state)
        }
        const stop = account.onState(look)
        setImmediate(look)
      })
    },
    reached(historyId) {
      const part = store.account(id)
      return new Promise((resolve, reject) => {
        const look = async () => {
          const sync = await part.sync()
          if (sync.phase !== 'live' || sync.historyId === undefined || sync.historyId < historyId) return
          stop()
          resolve()
        }
        const stop = account.onState(() => void look().catch(reject))
        look().catch(reject)
      })
    },
    renewGrant(refreshToken) {
      tokens.renew(refreshToken)
      account.reconnected()
    },
    async snapshot(name) {
      const { id: wanted } = await mailbox(name)
      if (wanted === undefined) throw new Error(`${name} cannot be selected`)
      const open = await account.mailstore.open(wanted, never)
      const snapshot = open.snapshot()
      open.close()
      return snapshot
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await account.close()
      await cache.close()
      await store.close()
    },
  }
}

export interface TestGround extends Ground {
  readonly control: Control
  /** Closed before the simulator when the test ends. */
  readonly houses: House[]
}

/** A simulator and the ground for a house, both gone when the test ends. */
export async function prepareGround(
  t: TestContext,
  simulator: { readonly mail?: string; readonly quotaPerMinute?: number } = {},
): Promise<TestGround> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-account-'))
  const mail = simulator.mail ?? join(dir, 'no-mail')
  if (simulator.mail === undefined) await mkdir(mail)
  const gmail = await startSimulator({ mail, quotaPerMinute: simulator.quotaPerMinute ?? 0, seed: 'account' })
  const houses: House[] = []
  t.after(async () => {
    for (const house of houses) await house.close()
    await gmail.close()
    await rm(dir, { recursive: true, force: true })
  })
  return {
    dir,
    gmailUrl: gmail.url,
    refreshToken: gmail.refreshToken,
    clientId: gmail.clientId,
    clientSecret: gmail.clientSecret,
    control: new Control(gmail.control),
    houses,
  }
}

/** Builds, starts and closes at the end of the test. */
export async function openHouse(
  ground: TestGround,
  options: Parameters<typeof buildHouse>[1] = {},
): Promise<House> {
  const house = await buildHouse(ground, options)
  ground.houses.push(house)
  house.account.start()
  return house
}

/** As auth/ does it, in few lines: a refresh when there is no token, GrantError when Google refuses it. */
function refreshingTokens({
  gmailUrl,
  refreshToken,
  clientId,
  clientSecret,
}: Ground): TokenSource & { renew(refreshToken: string): void } {
  let current: string | undefined
  let grant = refreshToken
  return {
    renew(newGrant) {
      grant = newGrant
    },
    async accessToken(signal) {
      if (current !== undefined) return current
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: grant,
        client_id: clientId,
        client_secret: clientSecret,
      })
      const answer = await fetch(`${gmailUrl}/token`, { method: 'POST', body, signal: signal ?? null })
      if (!answer.ok) throw new GrantError('revoked-or-expired', 'Google ended the grant')
      const { access_token: token } = (await answer.json()) as { access_token: string }
      current = token
      return token
    },
    reject() {
      current = undefined
    },
  }
}

import type { Account } from '#account/account.ts'
import type { AccountState } from '#account/progress.ts'
import { sentenceOf } from '#auth/refusal.ts'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import { permits, tierOf } from '#auth/scopes.ts'
import type { Tier } from '#auth/scopes.ts'
import { createBudget } from '#gmail/budget.ts'
import type { GrantEnd } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { AccountFigures } from '#metrics/sources.ts'
import type { AccountRow } from '#store/store.ts'
import { countedOutbox } from './counted.ts'
import { openAccount } from './running-account.ts'
import type { AccountParts, RunningAccount } from './running-account.ts'

/** Units a minute of one Google project, all users together. Fact sheet section 1.1. */
const projectUnitsPerMinute = 1_200_000

/** How an account is, for people and probes. */
export interface AccountReport extends AccountState {
  readonly id: AccountId
  readonly address: string
  /** What its grant permits; undefined while Google has not told. With `send` nothing is synchronised. */
  readonly access: Tier | undefined
  /** Whether it permits sending; undefined while Google has not told. */
  readonly maySend?: boolean | undefined
}

/** The accounts that are at work. */
export interface AccountBook {
  /** Sets it to work; one that is at work already tries anew, since somebody may have connected it again. Throws StoreError. */
  open(row: AccountRow): Promise<void>
  isAtWork(id: AccountId): boolean
  /** Whether a client is connected to it, or a message of it is being sent. */
  isInUse(id: AccountId): boolean
  /** Stops it and forgets nothing: `open` sets it to work again. */
  rest(id: AccountId): Promise<void>
  /** Throws RangeError for an account that is not at work. */
  mailstoreOf(id: AccountId): Promise<Mailstore>
  /** What the POP3 and SMTP doors need of the account that somebody was let in to. Throws RangeError as above. */
  maildropOf(address: string): MaildropKeeper
  outboxOf(address: string): Outbox
  /** Undefined when no such account is at work. */
  find(address: string): { readonly address: string; readonly mailstore: Mailstore } | undefined
  reports(): readonly AccountReport[]
  /** For the metrics. */
  figures(): readonly AccountFigures[]
  /** Google told what the grant of an account permits: the account works by it from now on. */
  scopesChanged(id: AccountId, scopes: readonly string[]): void
  /** Google gives no more tokens for an account. Where nothing is synchronised nobody else finds out. */
  grantEnded(id: AccountId, end: GrantEnd): void
  /** Calls back whenever an account's state changes; returns the way to stop. */
  onState(listener: () => void): () => void
  /** Stops it, and removes everything that belongs to it from disk. */
  remove(id: AccountId): Promise<void>
  close(): Promise<void>
}

export function createAccountBook(
  options: Omit<AccountParts, 'projectBudget'> & {
    /** The account is about to be forgotten, or permits something else than before: its sessions end. */
    readonly onEnded?: (address: string) => void
    /** Nothing of the account is left. */
    readonly onRemoved?: (id: AccountId, address: string | undefined) => void
  },
): AccountBook {
  const { store, cache, tokens, clock, log, count } = options
  const parts: AccountParts = {
    ...options,
    projectBudget: createBudget({ unitsPerMinute: projectUnitsPerMinute, clock }),
  }
  const running = new Map<AccountId, RunningAccount>()
  const opening = new Map<AccountId, Promise<void>>()
  const granted = new Map<AccountId, readonly string[]>()
  const ended = new Map<AccountId, string>()
  const listeners = new Set<() => void>()
  let isClosed = false

  function required(id: AccountId): RunningAccount {
    const found = running.get(id)
    if (found === undefined) throw new RangeError(`Account ${id} is not at work`)
    return found
  }

  function byAddress(address: string): RunningAccount {
    const found = [...running.values()].find(({ row }) => row.address === address)
    if (found === undefined) throw new RangeError('This account is not at work')
    return found
  }

  /** While it is not known it is tried. */
  function mayRead(id: AccountId): boolean {
    const scopes = granted.get(id)
    return scopes === undefined || permits(scopes, 'read')
  }

  function maySend(id: AccountId): boolean | undefined {
    const scopes = granted.get(id)
    return scopes === undefined ? undefined : permits(scopes, 'send')
  }

  async function begin(row: AccountRow): Promise<void> {
    // Known before anything is asked: an account for sending alone shall cost nothing but what it sends.
    await tokens.knownScopes(row.id)
    const opened = await openAccount(row, parts, () => mayRead(row.id))
    running.set(row.id, opened)
    opened.account.onState(() => {
      for (const listener of listeners) listener()
    })
    void startWhenPermitted(row.id, opened.account)
  }

  /** The first token tells what it permits; without an answer of Google's the sync finds out by itself. */
  async function startWhenPermitted(id: AccountId, account: Account): Promise<void> {
    await tokens.scopesOf(id).catch((err: unknown) => {
      log.warn({ account: id, err }, 'what the grant permits is not known')
    })
    if (!isClosed && running.get(id)?.account === account && mayRead(id)) account.start()
  }

  /** One after another for each account. */
  function alone(id: AccountId, work: () => Promise<void>): Promise<void> {
    const before = opening.get(id)
    const turn = before === undefined ? work() : before.then(work, work)
    const over = turn.finally(() => {
      if (opening.get(id) === over) opening.delete(id)
    })
    opening.set(id, over)
    return over
  }

  /** It has begun to read what it may not read any more. */
  async function beginAgain(id: AccountId): Promise<void> {
    const found = running.get(id)
    if (found === undefined || isClosed) return
    running.delete(id)
    await found.close()
    await begin(found.row)
  }

  function scopesChanged(id: AccountId, scopes: readonly string[]): void {
    const before = granted.get(id)
    granted.set(id, scopes)
    const found = running.get(id)
    if (found === undefined) return
    for (const listener of listeners) listener()
    if (sameRights(before, scopes)) return
    log.info({ account: id, access: tierOf(scopes) ?? 'none' }, 'what the account may do has changed')
    options.onEnded?.(found.row.address)
    if (permits(scopes, 'read')) return found.account.start()
    alone(id, () => beginAgain(id)).catch((err: unknown) => {
      log.error({ account: id, err }, 'an account could not be opened again')
    })
  }

  return {
    open: (row) =>
      alone(row.id, async () => {
        const found = running.get(row.id)
        if (found === undefined) return begin(row)
        await tokens.knownScopes(row.id)
        ended.delete(row.id)
        running.get(row.id)?.account.reconnected()
        void startWhenPermitted(row.id, found.account)
      }),
    isAtWork: (id) => running.has(id),
    isInUse(id) {
      const found = running.get(id)
      return found !== undefined && found.account.clients + found.outbox.underWay > 0
    },
    rest: (id) =>
      alone(id, async () => {
        const found = running.get(id)
        running.delete(id)
        await found?.close()
        for (const listener of listeners) listener()
      }),
    async mailstoreOf(id) {
      await opening.get(id)?.catch(() => undefined)
      return required(id).account.mailstore
    },
    maildropOf: (address) => byAddress(address).account.maildrop,
    outboxOf: (address) => countedOutbox(byAddress(address).outbox, count, clock),
    find(address) {
      const found = [...running.values()].find(({ row }) => isSameMailbox(row.address, address))
      return found === undefined
        ? undefined
        : { address: found.row.address, mailstore: found.account.mailstore }
    },
    reports: () =>
      [...running.values()].map(({ row, account }) => ({
        ...account.state(),
        ...(mayRead(row.id) || !ended.has(row.id) ? {} : { alert: ended.get(row.id) }),
        id: row.id,
        address: row.address,
        access: tierOf(granted.get(row.id) ?? []),
        maySend: maySend(row.id),
      })),
    figures: () =>
      [...running.values()].map(({ row, account, gmail }) => {
        const { phase, alert, messages, hydrated, etaMs, lastPollAt } = account.state()
        return {
          number: row.id,
          phase,
          class: tokens.grantKind(row.id) ?? 'unknown',
          broken: alert !== undefined,
          messages,
          hydrated,
          etaMs,
          syncAgeMs: lastPollAt === undefined ? undefined : Math.max(0, clock.now() - lastPollAt),
          budget: gmail.budget(),
          spending: gmail.ledger(),
        }
      }),
    scopesChanged,
    grantEnded(id, end) {
      ended.set(id, `${sentenceOf(end)}: ${options.reconnectHint()}`)
      for (const listener of listeners) listener()
    },
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    remove: (id) =>
      alone(id, async () => {
        const found = running.get(id)
        running.delete(id)
        granted.delete(id)
        ended.delete(id)
        if (found !== undefined) options.onEnded?.(found.row.address)
        await found?.close()
        tokens.forget(id)
        await cache.removeAccount(id)
        const address = found?.row.address ?? (await store.accounts()).find((row) => row.id === id)?.address
        await store.removeAccount(id)
        options.onRemoved?.(id, address)
      }),
    async close() {
      isClosed = true
      await Promise.allSettled(opening.values())
      await Promise.all([...running.values()].map((one) => one.close()))
      running.clear()
    },
  }
}

/** Whether who is connected need not notice: what could not be known before was not refused before. */
function sameRights(before: readonly string[] | undefined, after: readonly string[]): boolean {
  return (['read', 'modify', 'send'] as const).every(
    (tier) => (before === undefined || permits(before, tier)) === permits(after, tier),
  )
}

import { randomInt } from 'node:crypto'
import { createAccount } from '#account/account.ts'
import type { Account } from '#account/account.ts'
import type { AccountState } from '#account/progress.ts'
import { createOutbox } from '#account/outbox/outbox.ts'
import type { AccountOutbox } from '#account/outbox/outbox.ts'
import type { MessageCache } from '#account/cache/message-cache.ts'
import { isSameMailbox } from '#auth/same-mailbox.ts'
import type { TokenManager } from '#auth/token-manager.ts'
import { createBudget } from '#gmail/budget.ts'
import { createGmail } from '#gmail/client.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { AccountId } from '#mail/ids.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import type { AccountFigures } from '#metrics/sources.ts'
import type { AccountRow, Store } from '#store/store.ts'
import { countedOutbox } from './counted.ts'
import type { Config } from './settings.ts'

/** Units a minute of one Google project, all users together. Fact sheet section 1.1. */
const projectUnitsPerMinute = 1_200_000

interface Running {
  readonly row: AccountRow
  readonly outbox: AccountOutbox
  readonly account: Account
  readonly gmail: Gmail
}

/** How an account is, for people and probes. */
export interface AccountReport extends AccountState {
  readonly id: AccountId
  readonly address: string
}

/** The accounts that are at work. */
export interface AccountBook {
  /** Sets it to work; one that is at work already tries anew, since somebody may have connected it again. Throws StoreError. */
  open(row: AccountRow): Promise<void>
  /** Throws RangeError for an account that is not at work. */
  mailstoreOf(id: AccountId): Mailstore
  /** What the POP3 and SMTP doors need of the account that somebody was let in to. Throws RangeError as above. */
  maildropOf(address: string): MaildropKeeper
  outboxOf(address: string): Outbox
  /** Undefined when no such account is at work. */
  find(address: string): { readonly address: string; readonly mailstore: Mailstore } | undefined
  reports(): readonly AccountReport[]
  /** For the metrics. */
  figures(): readonly AccountFigures[]
  /** Calls back whenever an account's state changes; returns the way to stop. */
  onState(listener: () => void): () => void
  /** Stops it, and removes everything that belongs to it from disk. */
  remove(id: AccountId): Promise<void>
  close(): Promise<void>
}

export function createAccountBook(options: {
  config: Config
  store: Store
  cache: MessageCache
  tokens: TokenManager
  clock: Clock
  log: Log
  count: Counters
  /** Where the pages are, if there are any. */
  pageUrl: () => string | undefined
  /** The account is about to be forgotten. */
  onRemoved?: (address: string) => void
}): AccountBook {
  const { config, store, cache, tokens, clock, log, count, pageUrl } = options
  const running = new Map<AccountId, Running>()
  const opening = new Map<AccountId, Promise<void>>()
  const listeners = new Set<() => void>()
  const projectBudget = createBudget({ unitsPerMinute: projectUnitsPerMinute, clock })

  function required(id: AccountId): Running {
    const found = running.get(id)
    if (found === undefined) throw new RangeError(`Account ${id} is not at work`)
    return found
  }

  function byAddress(address: string): Running {
    const found = [...running.values()].find(({ row }) => row.address === address)
    if (found === undefined) throw new RangeError('This account is not at work')
    return found
  }

  async function begin(row: AccountRow): Promise<void> {
    const accountLog = log.child({ account: row.id })
    const url = pageUrl()
    const gmail = createGmail({
      apiUrl: config.gmailApiUrl,
      tokens: tokens.sourceOf(row.id),
      quotaPerMinute: config.quotaPerMinute,
      clock,
      log: accountLog,
      projectBudget,
      onAnswer: (method, outcome, ms) => count.gmailAnswer(method, outcome, ms),
    })
    const accountStore = store.account(row.id)
    let account: Account | undefined
    const outbox = createOutbox({
      address: row.address,
      sends: accountStore.sends,
      gmail,
      historyId: async () => (await accountStore.sync()).historyId,
      sent: () => account?.sent(),
      clock,
      log: accountLog,
    })
    const created = await createAccount({
      id: row.id,
      address: row.address,
      store: accountStore,
      gmail,
      cache,
      clock,
      log,
      prefetch: config.prefetch,
      pollSeconds: config.pollSeconds,
      prefix: config.mailboxPrefix,
      categories: config.categories === 'on',
      ...(config.expunge === 'account' ? {} : { expunge: config.expunge }),
      ...(config.pop3Delete === 'account' ? {} : { popDisposition: config.pop3Delete }),
      sentCopyOf: (rfcMessageId) => outbox.sentCopyOf(rfcMessageId),
      reconnectHint: url === undefined ? 'run postern account add' : `open ${url}`,
      random: () => randomInt(2 ** 32) / 2 ** 32,
    })
    account = created
    running.set(row.id, { row, outbox, account: created, gmail })
    created.onState(() => {
      for (const listener of listeners) listener()
    })
    created.start()
  }

  return {
    async open(row) {
      const found = running.get(row.id)
      if (found !== undefined) return found.account.reconnected()
      const begun = opening.get(row.id) ?? begin(row).finally(() => opening.delete(row.id))
      opening.set(row.id, begun)
      await begun
    },
    mailstoreOf: (id) => required(id).account.mailstore,
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
        id: row.id,
        address: row.address,
      })),
    figures: () =>
      [...running.values()].map(({ row, account, gmail }) => {
        const { phase, alert, messages, hydrated, etaMs, lastPollAt } = account.state()
        return {
          number: row.id,
          phase,
          broken: alert !== undefined,
          messages,
          hydrated,
          etaMs,
          syncAgeMs: lastPollAt === undefined ? undefined : Math.max(0, clock.now() - lastPollAt),
          budget: gmail.budget(),
          spending: gmail.ledger(),
        }
      }),
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async remove(id) {
      const found = running.get(id)
      running.delete(id)
      if (found !== undefined) options.onRemoved?.(found.row.address)
      await found?.outbox.close()
      await found?.account.close()
      tokens.forget(id)
      await cache.removeAccount(id)
      await store.removeAccount(id)
    },
    async close() {
      await Promise.all(
        [...running.values()].map(async ({ account, outbox }) => {
          await outbox.close()
          await account.close()
        }),
      )
      running.clear()
    },
  }
}

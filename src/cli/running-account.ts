import { randomInt } from 'node:crypto'
import { createAccount } from '#account/account.ts'
import type { Account } from '#account/account.ts'
import type { MessageCache } from '#account/cache/message-cache.ts'
import { createOutbox } from '#account/outbox/outbox.ts'
import type { AccountOutbox } from '#account/outbox/outbox.ts'
import type { TokenManager } from '#auth/token-manager.ts'
import type { Budget } from '#gmail/budget.ts'
import { createGmail } from '#gmail/client.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { Counters } from '#metrics/counters.ts'
import type { AccountRow, Store } from '#store/store.ts'
import type { Push } from './push/push.ts'
import type { Config } from './settings.ts'
import type { Tracing } from './tracing/tracing.ts'

/** What every account is built with. */
export interface AccountParts {
  readonly config: Config
  readonly store: Store
  readonly cache: MessageCache
  readonly tokens: TokenManager
  readonly clock: Clock
  readonly log: Log
  readonly count: Counters
  readonly tracing?: Tracing | undefined
  readonly push?: Push | undefined
  readonly projectBudget: Budget
  /** Where an account is connected again: `open http://…`. */
  reconnectHint(): string
}

/** One account with everything it needs, opened on what the store has. It asks Gmail nothing before `account.start()`. */
export interface RunningAccount {
  readonly row: AccountRow
  readonly account: Account
  readonly outbox: AccountOutbox
  readonly gmail: Gmail
  close(): Promise<void>
}

/** `mayRead` tells whether the grant permits to look into the mailbox. Throws StoreError. */
export async function openAccount(
  row: AccountRow,
  parts: AccountParts,
  mayRead: () => boolean,
): Promise<RunningAccount> {
  const { config, store, cache, tokens, clock, log, count, projectBudget } = parts
  const accountLog = log.child({ account: row.id })
  const gmail = createGmail({
    apiUrl: config.gmailApiUrl,
    tokens: tokens.sourceOf(row.id),
    quotaPerMinute: config.quotaPerMinute,
    clock,
    log: accountLog,
    projectBudget,
    onAnswer: (method, outcome, ms) => count.gmailAnswer(method, outcome, ms),
    ...(parts.tracing === undefined ? {} : { onCall: parts.tracing.callsOf(row.id) }),
  })
  const pushed = parts.push?.enter({ address: row.address, gmail, log: accountLog })
  const accountStore = store.account(row.id)
  let opened: Account | undefined
  const outbox = createOutbox({
    address: row.address,
    sends: accountStore.sends,
    gmail,
    mayRead,
    historyId: async () => (await accountStore.sync()).historyId,
    sent: () => opened?.sent(),
    clock,
    log: accountLog,
  })
  const account = await createAccount({
    id: row.id,
    address: row.address,
    store: accountStore,
    gmail,
    cache,
    clock,
    log,
    prefetch: config.prefetch,
    pollSeconds: config.pollSeconds,
    isTold: () => pushed?.isTold() ?? false,
    prefix: config.mailboxPrefix,
    categories: config.categories === 'on',
    ...(config.expunge === 'account' ? {} : { expunge: config.expunge }),
    ...(config.pop3Delete === 'account' ? {} : { popDisposition: config.pop3Delete }),
    sentCopyOf: (rfcMessageId) => outbox.sentCopyOf(rfcMessageId),
    reconnectHint: parts.reconnectHint(),
    random: () => randomInt(2 ** 32) / 2 ** 32,
  })
  opened = account
  pushed?.begin(account)
  return {
    row,
    account,
    outbox,
    gmail,
    async close() {
      await pushed?.close()
      await outbox.close()
      await account.close()
    },
  }
}

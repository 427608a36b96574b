import type { Gmail } from '#gmail/gmail.ts'
import { FlagTable } from '#mail/flags.ts'
import type { AccountId, MessageId, MessageKey } from '#mail/ids.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { MailstoreWriting } from '#mail/writing.ts'
import type { AccountStore } from '#store/store.ts'
import { Book } from './book.ts'
import type { MessageCache } from './cache/message-cache.ts'
import { Directory } from './directory.ts'
import { FetchAhead } from './fetch-ahead.ts'
import { Ghosts } from './ghosts.ts'
import { Hand } from './hand.ts'
import { Hydration } from './hydration.ts'
import type { Prefetch } from './hydration.ts'
import { Intake } from './intake.ts'
import { AccountMaildrop } from './maildrop/account-maildrop.ts'
import type { Disposition } from './maildrop/disposition.ts'
import { Prefetcher } from './maildrop/prefetcher.ts'
import { AccountMailstore } from './mailstore.ts'
import { OwedPlaces } from './owed-places.ts'
import { Progress } from './progress.ts'
import type { AccountState } from './progress.ts'
import { Shelf } from './snapshots/shelf.ts'
import { Sync } from './sync/sync.ts'
import type { ExpungeBehavior } from './writing/expunge-rules.ts'
import { Subscriptions } from './writing/subscriptions.ts'
import { Writing } from './writing/writing.ts'

export interface AccountOptions {
  readonly id: AccountId
  readonly address: string
  readonly store: AccountStore
  readonly gmail: Gmail
  readonly cache: MessageCache
  readonly clock: Clock
  readonly log: Log
  readonly prefetch: Prefetch
  /** How often Gmail is asked for news while a client is attached. */
  readonly pollSeconds: number
  /** Whether Gmail tells of changes by itself, see `Account.noticed`: it is then polled less often. */
  readonly isTold?: (() => boolean) | undefined
  /** First level of Gmail's own mailboxes: `[Gmail]`. */
  readonly prefix: string
  /** Show Gmail's categories as mailboxes. */
  readonly categories: boolean
  /** Where the person connects the account again, as the end of a sentence: `open http://…`. */
  readonly reconnectHint: string
  /** What DELE of POP3 does, instead of what the account's own POP setting says. */
  readonly popDisposition?: Disposition | undefined
  /** What IMAP's EXPUNGE does to what leaves its last mailbox; `account`, the default: as the account's own setting says. */
  readonly expunge?: ExpungeBehavior | 'account' | undefined
  /** Gmail's id of what Postern sent under this Message-ID, with its angle brackets: see AccountOutbox. */
  readonly sentCopyOf?: ((rfcMessageId: string) => Promise<MessageId | undefined>) | undefined
  /** From 0 up to 1, for jitter. */
  readonly random?: () => number
}

/** One person's mail as a living thing. */
export interface Account {
  readonly id: AccountId
  readonly mailstore: Mailstore & MailstoreWriting
  readonly maildrop: MaildropKeeper
  /** How many clients are attached to the mailstore. */
  readonly clients: number
  /** Begins to synchronise; does nothing the second time. */
  start(): void
  state(): AccountState
  /** Calls back when the state changed, not more often than some times a second. Returns the way to stop. */
  onState(listener: () => void): () => void
  /** Something was sent: Gmail files it by itself, and a copy that the client put in before goes. */
  sent(): void
  /** Gmail told of a change. */
  noticed(historyId: bigint | undefined): boolean
  /** The person connected the account again: try now. */
  reconnected(): void
  /** Aborts calls to Gmail, finishes commits. Resolves within 5 s. The store and the cache stay open. */
  close(): Promise<void>
}

const closeWithinMs = 4500

/** Opens the account on what the store has. Throws StoreError when that cannot be read. */
export async function createAccount(options: AccountOptions): Promise<Account> {
  const { id, address, store, gmail, cache, clock, prefetch, random = Math.random } = options
  const log = options.log.child({ account: id })
  const closing = new AbortController()
  const book = await Book.open(store, clock.now())
  const flagTable = new FlagTable()
  const records = cache.records.open()
  const ghosts = new Ghosts(book, clock)
  const intake = new Intake({ account: id, gmail, cache, book, sieves: records.sieves, log })
  const fetchAhead = new FetchAhead({ intake, ghosts, clock, log, signal: closing.signal })
  const hydration = new Hydration({ book, intake, ghosts, clock, log, random, prefetch })
  const sync = new Sync({
    book,
    gmail,
    intake,
    ghosts,
    clock,
    log,
    random,
    pollMs: options.pollSeconds * 1000,
    isTold: options.isTold ?? (() => false),
    categories: options.categories,
    alertOf: () => `Google no longer gives Postern access to ${address}: ${options.reconnectHint}`,
    onArrival: (messages) => {
      if (prefetch !== 'off') fetchAhead.start(messages)
    },
    onState: () => progress.changed(),
  })
  const progress = await Progress.open({ book, gmail, sync, clock, log })
  const shelf = new Shelf(book, flagTable)
  const owed = new OwedPlaces({ book, clock, log, isOpen: (mailbox) => shelf.hasReaders(mailbox) })
  const ownChanges = {
    changing: (keys: Iterable<MessageKey>) => sync.changing(keys),
    onChange: () => sync.changedByUs(),
  }
  const hand = new Hand({ book, gmail, shelf, owed, ...ownChanges })
  const subscriptions = await Subscriptions.open(store.subscriptions)
  const directory = new Directory({ book, naming: options, subscriptions })
  const writing = new Writing({
    account: id,
    book,
    gmail,
    cache,
    clock,
    log,
    naming: options,
    directory,
    subscriptions,
    sentCopyOf: options.sentCopyOf,
    poke: () => sync.askSoon(),
    expunge: options.expunge ?? 'account',
    ...ownChanges,
  })
  const mailstore = new AccountMailstore({
    account: id,
    address,
    flagTable,
    book,
    gmail,
    cache,
    intake,
    ghosts,
    records,
    shelf,
    hand,
    owed,
    writing,
    sync,
    directory,
    closing: closing.signal,
  })
  const prefetcher = new Prefetcher({ book, intake, ghosts, log, signal: closing.signal })
  const maildrop = new AccountMaildrop({
    book,
    gmail,
    hand,
    prefetcher,
    disposition: options.popDisposition,
    onChange: () => sync.poke(),
    onTrouble: (error) => sync.heard(error),
    closing: closing.signal,
  })
  book.onCommit((entry, { forget = [], content = [] }) => {
    records.drop(forget)
    for (const { key } of content) records.noteRead(key)
    if (entry.joins > 0) hydration.startAgain()
  })

  let running: Promise<unknown> | undefined
  let closed: Promise<void> | undefined

  async function finish(): Promise<void> {
    closing.abort(new Error('The account is being closed'))
    await running
    await fetchAhead.settled()
    await prefetcher.settled()
    await intake.settled()
    await owed.settled().catch(() => undefined)
    // Whatever is being written is written.
    await book.alone(async () => undefined)
    shelf.close()
    records.close()
    progress.close()
  }

  return {
    id,
    mailstore,
    maildrop,
    get clients() {
      return sync.clients
    },
    start() {
      running ??= Promise.all([
        sync.run(closing.signal),
        hydration.run(closing.signal),
        writing.sentSweeper.run(closing.signal),
      ])
    },
    state: () => progress.state(),
    onState: (listener) => progress.onState(listener),
    sent() {
      sync.poke()
      writing.sentSweeper.ring()
    },
    noticed: (historyId) => sync.noticed(historyId),
    reconnected() {
      sync.reconnected()
      hydration.retry()
    },
    close() {
      closed ??= Promise.race([finish(), pause(closeWithinMs)])
      return closed
    },
  }
}

/** The real time: a clock of tests may stand still. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

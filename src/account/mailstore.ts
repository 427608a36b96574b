import type { Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { FlagTable } from '#mail/flags.ts'
import type { AccountId, MailboxId, MessageId, MessageKey, ModSeq, ThreadId, Uid } from '#mail/ids.ts'
import type { Mailbox, MailboxStatus } from '#mail/mailbox.ts'
import type {
  FlagChange,
  Mailstore,
  MessageRecord,
  OpenMailbox,
  RecordDepth,
  SearchHint,
} from '#mail/mailstore.ts'
import type { Transfer } from '#mail/writing.ts'
import type { MailboxRow } from '#store/store.ts'
import { readBodies, readBody } from './bodies.ts'
import type { BodySources } from './bodies.ts'
import type { Book } from './book.ts'
import type { MessageCache } from './cache/message-cache.ts'
import { findCandidates } from './candidates.ts'
import type { Ghosts } from './ghosts.ts'
import type { Hand } from './hand.ts'
import type { Intake } from './intake.ts'
import { mailError } from './mail-error.ts'
import { nameMailboxes } from './mailbox-names.ts'
import type { NamingOptions } from './mailbox-names.ts'
import { readRecords, rowsOf } from './records.ts'
import type { Shelf } from './snapshots/shelf.ts'
import { StatusBook } from './status-book.ts'
import type { Sync } from './sync/sync.ts'
import { waitFor } from './wait-for.ts'
import type { Writing } from './writing/writing.ts'

export interface MailstoreOptions {
  readonly account: AccountId
  readonly address: string
  readonly flagTable: FlagTable
  readonly book: Book
  readonly gmail: Gmail
  readonly cache: MessageCache
  readonly intake: Intake
  readonly ghosts: Ghosts
  readonly shelf: Shelf
  readonly hand: Hand
  readonly writing: Writing
  readonly sync: Sync
  readonly naming: NamingOptions
  /** Aborted when the account closes. */
  readonly closing: AbortSignal
}

/** One account's mail as the front doors see it. */
export class AccountMailstore implements Mailstore {
  readonly address: string
  readonly flagTable: FlagTable
  readonly #options: MailstoreOptions
  readonly #sources: BodySources
  readonly #status: StatusBook
  /** Made again when labels or mailboxes change. */
  #names: readonly Mailbox[] | undefined

  constructor(options: MailstoreOptions) {
    this.address = options.address
    this.flagTable = options.flagTable
    this.#options = options
    this.#sources = { ...options, store: options.book.store }
    this.#status = new StatusBook(options.book)
    options.book.onCommit((_entry, { labels, mailboxes }) => {
      if (labels !== undefined || mailboxes?.some((row) => this.#isRenaming(row)) === true)
        this.#names = undefined
    })
  }

  get alert(): string | undefined {
    return this.#options.sync.alert
  }

  mailboxes(signal: AbortSignal): Promise<readonly Mailbox[]> {
    return this.#speaking(async () => {
      const { book } = this.#options
      await this.#until(() => (book.labels.length > 0 ? true : undefined), signal)
      return this.#named()
    })
  }

  status(mailbox: MailboxId, signal: AbortSignal): Promise<MailboxStatus> {
    return this.#speaking(async () => {
      await this.#whole(mailbox, signal)
      return await this.#status.of(mailbox)
    })
  }

  open(mailbox: MailboxId, signal: AbortSignal): Promise<OpenMailbox> {
    return this.#speaking(async () => {
      await this.#whole(mailbox, signal)
      const named = this.#named().find(({ id }) => id === mailbox)
      const hold = await this.#options.shelf.open(mailbox)
      if (hold === undefined || named === undefined) throw noMailbox()
      return { mailbox: named, ...hold }
    })
  }

  known(keys: readonly MessageKey[]): Promise<ReadonlySet<MessageKey>> {
    return this.#speaking(async () => {
      const rows = await rowsOf(this.#options.book.store, keys)
      return new Set(rows.filter(({ hydrated }) => hydrated).map(({ key }) => key))
    })
  }

  async *records(
    keys: readonly MessageKey[],
    depth: RecordDepth,
    signal: AbortSignal,
  ): AsyncIterable<readonly MessageRecord[]> {
    try {
      yield* readRecords(this.#sources, keys, depth, this.#orClosing(signal))
    } catch (error) {
      throw this.#told(error, signal)
    }
  }

  identities(
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, { messageId: MessageId; threadId: ThreadId }>> {
    return this.#speaking(async () => {
      const rows = await rowsOf(this.#options.book.store, keys)
      return new Map(rows.map(({ key, messageId, threadId }) => [key, { messageId, threadId }]))
    })
  }

  body(key: MessageKey, signal: AbortSignal): Promise<Buffer> {
    return this.#speaking(async () => {
      const [row] = await rowsOf(this.#options.book.store, [key])
      const bytes =
        row === undefined ? undefined : await readBody(this.#sources, row, this.#orClosing(signal))
      if (bytes === undefined) throw new MailError('expunged', 'This message does not exist any more')
      return bytes
    }, signal)
  }

  async *bodies(
    keys: readonly MessageKey[],
    signal: AbortSignal,
  ): AsyncIterable<{ readonly key: MessageKey; readonly bytes: Buffer }> {
    try {
      yield* readBodies(this.#sources, keys, this.#orClosing(signal))
    } catch (error) {
      throw this.#told(error, signal)
    }
  }

  candidates(hints: readonly SearchHint[], signal: AbortSignal): Promise<ReadonlySet<MessageKey>> {
    const { gmail, book } = this.#options
    return this.#speaking(() => findCandidates(gmail, book.store, hints, this.#orClosing(signal)), signal)
  }

  changeFlags(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<void> {
    const { hand, book } = this.#options
    return this.#speaking(async () => {
      if (book.mailboxes.get(mailbox)?.gone !== false) throw noMailbox()
      await hand.changeFlags(mailbox, keys, change, this.#orClosing(signal))
    }, signal)
  }

  copy(
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    return this.#transfer('copy', source, keys, target, signal)
  }

  move(
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    return this.#transfer('move', source, keys, target, signal)
  }

  #transfer(
    kind: 'copy' | 'move',
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    return this.#speaking(async () => {
      // Its listing gives UIDs too: they would not be in order, nor last.
      await this.#whole(target, signal)
      return await this.#options.writing.transfer(kind, source, keys, target, this.#orClosing(signal))
    }, signal)
  }

  expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    return this.#speaking(
      () => this.#options.writing.expunge(mailbox, keys, this.#orClosing(signal)),
      signal,
    )
  }

  vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]> {
    return this.#speaking(() => this.#options.book.store.vanished(mailbox, since))
  }

  poke(): void {
    this.#options.sync.poke()
  }

  fresh(signal: AbortSignal): Promise<void> {
    return this.#options.sync.fresh(this.#orClosing(signal))
  }

  attach(): () => void {
    return this.#options.sync.attach()
  }

  #named(): readonly Mailbox[] {
    const { book, naming } = this.#options
    this.#names ??= nameMailboxes(book.labels, [...book.mailboxes.values()], naming)
    return this.#names
  }

  /** Most commits change counters only. */
  #isRenaming(row: MailboxRow): boolean {
    const named = this.#names?.find(({ id }) => id === row.id)
    return named === undefined ? !row.gone : row.gone || named.subscribed !== row.subscribed
  }

  /** Waits until the mailbox is listed, and puts it first. */
  async #whole(mailbox: MailboxId, signal: AbortSignal): Promise<void> {
    const { book, sync } = this.#options
    const look = (): true | undefined => {
      const row = book.mailboxes.get(mailbox)
      if (row === undefined || row.gone) throw noMailbox()
      return row.whole ? true : undefined
    }
    if (look() === true) return
    const label = book.mailboxes.get(mailbox)?.labelId
    if (label !== undefined) sync.urge(label)
    await this.#until(look, signal)
  }

  /** Waits for commits until `look` finds something; throws what stops the sync when it has stopped. */
  #until<T>(look: () => T | undefined, signal: AbortSignal): Promise<T> {
    const { book, sync } = this.#options
    return waitFor(
      (wake) => {
        const stops = [book.onCommit(wake), sync.onTrouble(wake)]
        return () => {
          for (const stop of stops) stop()
        }
      },
      () => {
        const found = look()
        if (found === undefined && sync.trouble !== undefined) throw sync.trouble
        return found
      },
      this.#orClosing(signal),
    )
  }

  #orClosing(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#options.closing])
  }

  async #speaking<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#told(error, signal)
    }
  }

  /** What a front door is told; the sync hears of an ended grant too. */
  #told(error: unknown, signal: AbortSignal | undefined): unknown {
    const { sync, closing } = this.#options
    if (signal?.aborted === true) return signal.reason
    if (closing.aborted) return new MailError('unavailable', 'Postern is shutting down')
    sync.heard(error)
    return mailError(error)
  }
}

function noMailbox(): MailError {
  return new MailError('nonexistent', 'There is no such mailbox')
}

import type { Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { FlagTable } from '#mail/flags.ts'
import type { AccountId, MailboxId, MessageId, MessageKey, ModSeq, ThreadId, Uid } from '#mail/ids.ts'
import type { Mailbox, MailboxRole, MailboxStatus } from '#mail/mailbox.ts'
import type {
  FlagChange,
  Mailstore,
  MessageBody,
  MessageRecord,
  OpenMailbox,
  RecordDepth,
  SearchHint,
} from '#mail/mailstore.ts'
import type { CountsChange } from '#mail/mailstore-news.ts'
import type { SaveDates } from '#mail/save-dates.ts'
import type { TextFinding, TextPlace } from '#mail/text-findings.ts'
import type { LabelChange, MailstoreWriting, NewMail, Transfer } from '#mail/writing.ts'
import { readBodies, readBody } from './bodies.ts'
import type { BodySources } from './bodies.ts'
import type { Book } from './book.ts'
import type { MessageCache } from './cache/message-cache.ts'
import type { AccountRecords } from './cache/record-memory.ts'
import { findCandidates } from './candidates.ts'
import type { Directory } from './directory.ts'
import type { Ghosts } from './ghosts.ts'
import type { Hand } from './hand.ts'
import type { Intake } from './intake.ts'
import { mailError } from './mail-error.ts'
import { News } from './news.ts'
import type { OwedPlaces } from './owed-places.ts'
import { RecentBook } from './recent-book.ts'
import { findRows, readRecords, rowsOf } from './records.ts'
import { sift } from './sift.ts'
import { SaveDateBook } from './save-date-book.ts'
import type { Shelf } from './snapshots/shelf.ts'
import { StatusBook } from './status-book.ts'
import type { Sync } from './sync/sync.ts'
import { waitFor } from './wait-for.ts'
import { appendLimitBytes } from './writing/append-rules.ts'
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
  readonly records: AccountRecords
  readonly shelf: Shelf
  readonly hand: Hand
  readonly owed: OwedPlaces
  readonly writing: Writing
  readonly sync: Sync
  readonly directory: Directory
  /** Aborted when the account closes. */
  readonly closing: AbortSignal
}

/** One account's mail as the front doors see it. */
export class AccountMailstore implements Mailstore, MailstoreWriting {
  readonly address: string
  readonly flagTable: FlagTable
  readonly recents: RecentBook
  readonly appendLimitBytes = appendLimitBytes
  readonly #options: MailstoreOptions
  readonly #sources: BodySources
  readonly #status: StatusBook
  readonly #saveDates: SaveDateBook
  readonly #news: News
  readonly #orClosingOf = new WeakMap<AbortSignal, AbortSignal>()

  constructor(options: MailstoreOptions) {
    this.address = options.address
    this.flagTable = options.flagTable
    this.#options = options
    this.#sources = { ...options, store: options.book.store }
    this.recents = new RecentBook(options.book)
    this.#status = new StatusBook(options.book)
    this.#saveDates = new SaveDateBook(options.book)
    this.#news = new News({ ...options, look: () => options.sync.labelsLookedAt() })
  }

  get alert(): string | undefined {
    return this.#options.sync.alert
  }

  mailboxes(signal: AbortSignal): Promise<readonly Mailbox[]> {
    return this.#speaking(async () => {
      const { book } = this.#options
      await this.#until(() => (book.labels.length > 0 ? true : undefined), signal)
      this.#options.sync.labelsLookedAt()
      return this.#options.directory.all()
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
      const named = this.#options.directory.all().find(({ id }) => id === mailbox)
      const hold = await this.#options.shelf.open(mailbox)
      if (hold === undefined || named === undefined) throw noMailbox()
      return { mailbox: named, ...hold }
    })
  }

  known(keys: readonly MessageKey[]): Promise<ReadonlySet<MessageKey>> {
    return this.#speaking(async () => {
      const { book, intake, records } = this.#options
      const known = new Set<MessageKey>()
      const asked: MessageKey[] = []
      for (const key of keys) {
        if (records.wasRead(key)) known.add(key)
        else asked.push(key)
      }
      const left: MessageKey[] = []
      for (const { key, messageId, hydrated } of await rowsOf(book.store, asked)) {
        if (hydrated) records.noteRead(key)
        if (hydrated || intake.atHand(messageId) !== undefined) known.add(key)
        else left.push(key)
      }
      // What came a moment ago is at hand until it is stored: what was neither may have been stored in between.
      for (const { key, hydrated } of await rowsOf(book.store, left)) if (hydrated) known.add(key)
      return known
    })
  }

  mayHold(
    keys: readonly MessageKey[],
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ReadonlySet<MessageKey>>> {
    return this.#speaking(() => sift(this.#sources, keys, texts, this.#orClosing(signal)), signal)
  }

  finding(place: TextPlace, folded: string): TextFinding {
    return this.#options.records.findings.of(place, folded)
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

  recordAtHand(key: MessageKey, depth: RecordDepth): MessageRecord | undefined {
    const { records, closing } = this.#options
    if (closing.aborted || depth === 'header') return undefined
    const record = records.get(key)
    return depth === 'fields' && record?.header === undefined ? undefined : record
  }

  identities(
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, { messageId: MessageId; threadId: ThreadId }>> {
    return this.#speaking(async () => {
      const rows = await findRows(this.#sources, keys)
      return new Map(rows.map(({ key, messageId, threadId }) => [key, { messageId, threadId }]))
    })
  }

  body(key: MessageKey, signal: AbortSignal): Promise<Buffer> {
    return this.#speaking(async () => {
      const [row] = await findRows(this.#sources, [key])
      const bytes =
        row === undefined ? undefined : await readBody(this.#sources, row, this.#orClosing(signal))
      if (bytes === undefined) throw new MailError('expunged', 'This message does not exist any more')
      return bytes
    }, signal)
  }

  bodyAtHand(key: MessageKey): Buffer | undefined {
    const { account, records, cache, closing } = this.#options
    const id = (records.get(key) ?? records.identity(key))?.messageId
    return id === undefined || closing.aborted ? undefined : cache.atHand(account, id)
  }

  async *bodies(keys: readonly MessageKey[], signal: AbortSignal): AsyncIterable<readonly MessageBody[]> {
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
  ): Promise<readonly MessageKey[]> {
    const { hand, book } = this.#options
    return this.#speaking(async () => {
      if (book.mailboxes.get(mailbox)?.gone !== false) throw noMailbox()
      const modified = await this.#modifiedSince(mailbox, keys, change.unchangedSince)
      const unmodified = modified.size === 0 ? keys : keys.filter((key) => !modified.has(key))
      await hand.changeFlags(mailbox, unmodified, change, this.#orClosing(signal))
      return [...modified]
    }, signal)
  }

  /** Those of the messages whose MODSEQ in this mailbox is greater. RFC 7162 section 3.1.3. */
  async #modifiedSince(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    since: ModSeq | undefined,
  ): Promise<ReadonlySet<MessageKey>> {
    const modified = new Set<MessageKey>()
    const hold = since === undefined ? undefined : await this.#options.shelf.open(mailbox)
    if (since === undefined || hold === undefined) return modified
    const { keys: column, modSeqs } = hold.snapshot()
    hold.close()
    const wanted = new Set(keys)
    for (let index = 0; index < column.length; index++)
      if ((modSeqs[index] as number) > since && wanted.has(column[index] as MessageKey))
        modified.add(column[index] as MessageKey)
    return modified
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

  expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    return this.#speaking(() => this.#options.writing.expunge(mailbox, keys, this.#orClosing(signal)), signal)
  }

  append(
    mailbox: MailboxId,
    messages: readonly NewMail[],
    signal: AbortSignal,
  ): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] }> {
    return this.#speaking(async () => {
      await this.#whole(mailbox, signal)
      return await this.#options.writing.append(mailbox, messages, this.#orClosing(signal))
    }, signal)
  }

  createMailbox(name: string, role: MailboxRole | undefined, signal: AbortSignal): Promise<Mailbox> {
    return this.#speaking(async () => {
      await this.mailboxes(signal)
      return await this.#options.writing.createMailbox(name, role, this.#orClosing(signal))
    }, signal)
  }

  deleteMailbox(name: string, signal: AbortSignal): Promise<void> {
    return this.#speaking(async () => {
      await this.mailboxes(signal)
      await this.#options.writing.deleteMailbox(name, this.#orClosing(signal))
    }, signal)
  }

  renameMailbox(name: string, newName: string, signal: AbortSignal): Promise<void> {
    return this.#speaking(async () => {
      await this.mailboxes(signal)
      await this.#options.writing.renameMailbox(name, newName, this.#orClosing(signal))
    }, signal)
  }

  setSubscribed(name: string, subscribed: boolean, signal: AbortSignal): Promise<void> {
    return this.#speaking(async () => {
      await this.mailboxes(signal)
      await this.#options.writing.setSubscribed(name, subscribed)
      this.#news.mailboxesChanged()
    }, signal)
  }

  labelsOf(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, readonly string[]>> {
    return this.#speaking(() => this.#options.writing.labelsOf(mailbox, keys))
  }

  changeLabels(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: LabelChange,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#speaking(
      () => this.#options.writing.changeLabels(mailbox, keys, change, this.#orClosing(signal)),
      signal,
    )
  }

  vanished(mailbox: MailboxId, since: ModSeq): Promise<readonly Uid[]> {
    return this.#speaking(() => this.#options.book.store.vanished(mailbox, since))
  }

  saveDates(mailbox: MailboxId): Promise<SaveDates> {
    return this.#speaking(() => this.#saveDates.of(mailbox))
  }

  onStatus(listener: (mailbox: MailboxId, change: CountsChange) => void): () => void {
    return this.#news.onStatus(listener)
  }

  onMailboxes(listener: () => void): () => void {
    return this.#news.onMailboxes(listener)
  }

  poke(): void {
    this.#options.sync.poke()
  }

  get isFresh(): boolean {
    return this.#options.sync.isFresh
  }

  fresh(signal: AbortSignal): Promise<void> {
    return this.#options.sync.fresh(this.#orClosing(signal))
  }

  attach(): () => void {
    return this.#options.sync.attach()
  }

  /** Waits until the mailbox is listed and shows what was flagged, and puts it first. */
  async #whole(mailbox: MailboxId, signal: AbortSignal): Promise<void> {
    const { book, sync } = this.#options
    const look = (): true | undefined => {
      const row = book.mailboxes.get(mailbox)
      if (row === undefined || row.gone) throw noMailbox()
      return row.whole ? true : undefined
    }
    if (look() === true) return await this.#options.owed.paid(mailbox)
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

  /** One for each session: making it costs more than a small command. */
  #orClosing(signal: AbortSignal): AbortSignal {
    let either = this.#orClosingOf.get(signal)
    if (either === undefined) {
      either = AbortSignal.any([signal, this.#options.closing])
      this.#orClosingOf.set(signal, either)
    }
    return either
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

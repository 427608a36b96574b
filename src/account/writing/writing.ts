import type { Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { AccountId, MailboxId, MessageId, MessageKey, Uid } from '#mail/ids.ts'
import type { Mailbox, MailboxRole } from '#mail/mailbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { LabelChange, NewMail, Transfer } from '#mail/writing.ts'
import type { Book } from '../book.ts'
import type { MessageCache } from '../cache/message-cache.ts'
import type { Directory } from '../directory.ts'
import type { NamingOptions } from '../mailbox-names.ts'
import type { UnderWay } from '../sync/touched.ts'
import { Appender } from './appender.ts'
import { ArrivalSearch } from './arrival-search.ts'
import { DraftBook } from './draft-book.ts'
import { ExpungeBehaviorSetting } from './expunge-behavior.ts'
import type { ExpungeBehavior } from './expunge-rules.ts'
import { Expunger } from './expunger.ts'
import { LabelEditor } from './label-editor.ts'
import { Mailboxes } from './mailboxes.ts'
import { Relabeller } from './relabeller.ts'
import { SentCopies } from './sent-copies.ts'
import { SentSweeper } from './sent-sweeper.ts'
import type { Subscriptions } from './subscriptions.ts'
import { Transfers } from './transfers.ts'
import { Upload } from './upload.ts'

export interface WritingOptions {
  readonly account: AccountId
  readonly book: Book
  readonly gmail: Gmail
  readonly cache: Pick<MessageCache, 'put'>
  readonly clock: Clock
  readonly log: Log
  readonly naming: NamingOptions
  readonly directory: Directory
  readonly subscriptions: Subscriptions
  /** Instead of the account's own setting. */
  readonly expunge: ExpungeBehavior | 'account'
  readonly sentCopyOf: ((rfcMessageId: string) => Promise<MessageId | undefined>) | undefined
  /** Asks Gmail for news now. */
  readonly poke: () => void
  /** Called after each commit: history read before it is older than the store. */
  /** Told of messages whose labels are about to be changed. */
  readonly changing: (keys: Iterable<MessageKey>) => UnderWay
  readonly onChange: () => void
}

/** What an account does to its mail besides flags. Targets are whole; errors are Gmail's and the store's own. */
export class Writing {
  readonly sentSweeper: SentSweeper
  readonly #options: WritingOptions
  readonly #transfers: Transfers
  readonly #expunger: Expunger
  readonly #appender: Appender
  readonly #mailboxes: Mailboxes
  readonly #labels: LabelEditor

  constructor(options: WritingOptions) {
    const { gmail, clock } = options
    this.#options = options
    const relabeller = new Relabeller(options)
    const drafts = new DraftBook(gmail)
    const behavior = new ExpungeBehaviorSetting({ gmail, clock, decided: options.expunge })
    const search = new ArrivalSearch(options)
    const upload = new Upload({ gmail, clock, search })
    const sentCopies = new SentCopies(options)
    this.#transfers = new Transfers({ ...options, relabeller })
    this.#expunger = new Expunger({ ...options, relabeller, drafts, behavior })
    this.sentSweeper = new SentSweeper({ ...options, relabeller })
    const onSentCopy = () => this.sentSweeper.ring()
    this.#appender = new Appender({ ...options, upload, drafts, sentCopies, onSentCopy })
    this.#mailboxes = new Mailboxes(options)
    this.#labels = new LabelEditor({ ...options, relabeller, mailboxes: this.#mailboxes })
  }

  transfer(
    kind: 'copy' | 'move',
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    signal: AbortSignal,
  ): Promise<Transfer> {
    return this.#transfers.transfer(kind, source, keys, target, signal)
  }

  expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    return this.#expunger.expunge(mailbox, keys, signal)
  }

  append(
    mailbox: MailboxId,
    messages: readonly NewMail[],
    signal: AbortSignal,
  ): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] }> {
    return this.#appender.append(mailbox, messages, signal)
  }

  /** Gmail has its special mailboxes already: no other can be one (RFC 6154 section 3). */
  async createMailbox(name: string, role: MailboxRole | undefined, signal: AbortSignal): Promise<Mailbox> {
    if (role !== undefined)
      throw new MailError('cannot', 'Gmail has its own special mailboxes, and no other can be one')
    const { directory, subscriptions } = this.#options
    // CREATE does not subscribe; but something may have been said of the name before. RFC 9051 sections 6.3.4 and 6.3.7.
    const { id } = await this.#mailboxes.create(name, subscriptions.of(name) === true, signal)
    const mailbox = directory.all().find((one) => one.id === id)
    if (mailbox === undefined) throw new MailError('nonexistent', 'The mailbox was deleted again meanwhile')
    await subscriptions.set(mailbox.name, undefined)
    return mailbox
  }

  deleteMailbox(name: string, signal: AbortSignal): Promise<void> {
    return this.#mailboxes.delete(name, signal)
  }

  async renameMailbox(name: string, newName: string, signal: AbortSignal): Promise<void> {
    const inbox = this.#options.directory.find(name)
    if (inbox?.role !== 'inbox' || inbox.id === undefined)
      return await this.#mailboxes.rename(name, newName, signal)
    // INBOX stays, what is in it goes. RFC 9051 section 6.3.6.
    const { id } = await this.#mailboxes.create(newName, true, signal)
    await this.#transfers.moveAll(inbox.id, id, signal)
  }

  async setSubscribed(name: string, subscribed: boolean): Promise<void> {
    const { directory, subscriptions, book } = this.#options
    const mailbox = directory.find(name)
    if (mailbox?.id === undefined) {
      const exists = mailbox?.hasChildren === true
      await subscriptions.set(name, subscribed || exists ? subscribed : undefined)
    } else if (mailbox.subscribed !== subscribed) await this.#subscribe(mailbox.id, subscribed, book)
  }

  labelsOf(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
  ): Promise<ReadonlyMap<MessageKey, readonly string[]>> {
    return this.#labels.labelsOf(mailbox, keys)
  }

  changeLabels(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: LabelChange,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#labels.changeLabels(mailbox, keys, change, signal)
  }

  #subscribe(mailbox: MailboxId, subscribed: boolean, book: Book): Promise<void> {
    return book.write((entry) => entry.setSubscribed(mailbox, subscribed))
  }
}

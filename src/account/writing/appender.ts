import type { CallOptions } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import { FlagBit } from '#mail/flags.ts'
import type { AccountId, LabelId, MailboxId, MessageId, MessageKey, Uid } from '#mail/ids.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { NewMail } from '#mail/writing.ts'
import type { MailboxRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { MessageCache } from '../cache/message-cache.ts'
import type { Entry } from '../entry.ts'
import { systemLabel } from '../label-rules.ts'
import { ListingCorrections } from '../listing-corrections.ts'
import { placesOf, readMemberships, readPresent } from '../present.ts'
import { labelsPresent } from '../settle.ts'
import { admit } from './admit.ts'
import { appendLimitBytes, draftLimitBytes } from './append-rules.ts'
import type { DraftBook } from './draft-book.ts'
import { readIncoming } from './incoming.ts'
import type { Incoming, TakenIn } from './incoming.ts'
import type { SentCopies } from './sent-copies.ts'
import type { Upload } from './upload.ts'

/** Longer ones wait for the disk, so that they do not gather in memory when it is slow. */
const waitedForBytes = 64 * 1024

export interface AppenderOptions {
  readonly account: AccountId
  readonly book: Book
  readonly cache: Pick<MessageCache, 'put'>
  readonly clock: Clock
  readonly log: Log
  readonly upload: Upload
  readonly drafts: DraftBook
  readonly sentCopies: SentCopies
  readonly onChange: () => void
  /** A client's own copy is in Sent; its message may have been sent meanwhile. */
  readonly onSentCopy: () => void
}

/** APPEND: a message goes to Gmail, and its octets, which are here already, are never got. */
export class Appender {
  readonly #options: AppenderOptions

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** See `MailstoreWriting.append`; the mailbox is whole. */
  async append(
    mailbox: MailboxId,
    messages: readonly NewMail[],
    signal: AbortSignal,
  ): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] }> {
    const { upload, sentCopies, onSentCopy } = this.#options
    const { labelId } = this.#alive(mailbox)
    const incoming = await Promise.all(messages.map((mail) => this.#read(mail, labelId)))
    const call: CallOptions = { lane: 'person', cause: 'append', signal }
    const taken: TakenIn[] = []
    const sentKeys = await this.#sentKeys(incoming, signal)
    try {
      for (const one of incoming) {
        if (one.sentCopy !== undefined) continue
        const put = await upload.put(one, labelId, call)
        taken.push(put)
        // Gmail puts what is from the account itself there, whatever the mailbox.
        if (put.stored.labelIds.includes(systemLabel.sent)) await sentCopies.note(put)
      }
      await this.#keepBytes(taken)
      const keys = await this.#commit(mailbox, taken)
      if (labelId === systemLabel.sent && taken.length > 0) onSentCopy()
      const ordered = incoming.map((one) => sentKeys.get(one) ?? keys.get(one))
      return { uidValidity: this.#alive(mailbox).uidValidity, uids: await this.#uidsOf(mailbox, ordered) }
    } catch (error) {
      await this.#takeBack(taken)
      throw error
    }
  }

  async #read(mail: NewMail, label: LabelId): Promise<Incoming> {
    const limit = label === systemLabel.draft ? draftLimitBytes : appendLimitBytes
    const incoming = readIncoming(mail)
    if (incoming.bytes.length > limit)
      throw new MailError('too-big', `Gmail takes messages of at most ${limit} octets here`)
    const sentCopy =
      label === systemLabel.sent
        ? await this.#options.sentCopies.idOf(incoming.summary.rfcMessageId)
        : undefined
    return { ...incoming, sentCopy }
  }

  /** Nobody waits for the disk while a short message is in memory: with many accounts it takes its turn. */
  async #keepBytes(taken: readonly TakenIn[]): Promise<void> {
    const { cache, account } = this.#options
    const long: Promise<void>[] = []
    for (const { stored, incoming } of taken) {
      const kept = cache.put(account, stored.id, incoming.bytes)
      if (incoming.bytes.length > waitedForBytes) long.push(kept)
    }
    await Promise.all(long)
  }

  /** Rows, UIDs and content in one transaction. */
  async #commit(mailbox: MailboxId, taken: readonly TakenIn[]): Promise<ReadonlyMap<Incoming, MessageKey>> {
    const { book, clock, drafts, onChange } = this.#options
    const keys = new Map<Incoming, MessageKey>()
    if (taken.length === 0) return keys
    await book.write(async (entry) => {
      const presentOf = await readPresent(
        book.store,
        taken.map(({ stored }) => stored.id),
      )
      const corrections = new ListingCorrections(book, entry)
      for (const { incoming, stored } of taken) {
        const { mail, bytes, summary, header } = incoming
        const ref = { messageId: stored.id, threadId: stored.threadId }
        const labels = new Set(stored.labelIds)
        const [present, places] = [presentOf(stored.id), placesOf(book)]
        const key = admit(entry, ref, labels, mail, present, places)
        if (key === undefined) continue
        keys.set(incoming, key)
        const known = present.message === undefined ? undefined : labelsPresent(present, places)
        corrections.note(ref, known, labels)
        const internalDate = mail.internalDate ?? clock.now()
        // Gmail's snippet would cost a get, and nobody is shown it.
        entry.addContent({ key, internalDate, sizeBytes: bytes.length, snippet: '', summary, header })
      }
    })
    onChange()
    for (const { stored, draftId } of taken) if (draftId !== undefined) drafts.note(stored.id, draftId)
    const doomed = taken.filter(({ incoming }) => (incoming.mail.bits & FlagBit.deleted) !== 0)
    await this.#markDeleted(
      mailbox,
      doomed.flatMap(({ incoming }) => keys.get(incoming) ?? []),
    )
    return keys
  }

  async #markDeleted(mailbox: MailboxId, keys: readonly MessageKey[]): Promise<void> {
    if (keys.length === 0) return
    const { book } = this.#options
    await book.write(async (entry: Entry) => {
      const rows = await book.store.messagesByKey(keys)
      for (const member of await book.store.memberships(keys)) {
        const row = rows.get(member.key)
        if (member.mailbox === mailbox && row !== undefined) entry.setDeleted(member, true, row)
      }
    })
  }

  async #sentKeys(incoming: readonly Incoming[], signal: AbortSignal): Promise<Map<Incoming, MessageKey>> {
    const keys = new Map<Incoming, MessageKey>()
    for (const one of incoming) {
      if (one.sentCopy === undefined) continue
      keys.set(one, await this.#sentKey(one.sentCopy, signal))
    }
    return keys
  }

  async #sentKey(id: MessageId, signal: AbortSignal): Promise<MessageKey> {
    const key = await this.#options.sentCopies.keyOf(id, signal)
    if (key === undefined)
      throw new MailError('unavailable', 'Gmail has sent this message and does not show it yet; try again')
    return key
  }

  async #uidsOf(mailbox: MailboxId, keys: readonly (MessageKey | undefined)[]): Promise<Uid[]> {
    const membershipsOf = await readMemberships(
      this.#options.book.store,
      keys.filter((key) => key !== undefined),
    )
    return keys.map((key) => {
      const member =
        key === undefined ? undefined : membershipsOf(key).find((candidate) => candidate.mailbox === mailbox)
      if (member === undefined)
        throw new MailError('cannot', 'Gmail did not put the message into this mailbox')
      return member.uid
    })
  }

  /** Nobody waits for it any more: an abort does not end it. */
  async #takeBack(taken: readonly TakenIn[]): Promise<void> {
    if (taken.length === 0) return
    const { upload, log, onChange } = this.#options
    try {
      await upload.takeBack(taken, { lane: 'person', cause: 'append' })
    } catch (error) {
      log.warn({ err: error }, 'A message whose APPEND failed could not be taken out of Gmail again')
    }
    onChange()
  }

  #alive(mailbox: MailboxId): MailboxRow {
    const row = this.#options.book.mailboxes.get(mailbox)
    if (row === undefined || row.gone) throw new MailError('nonexistent', 'There is no such mailbox')
    return row
  }
}

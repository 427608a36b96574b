import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { LabelId, MailboxId, MessageKey } from '#mail/ids.ts'
import type { MessageRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import { onceEach } from '../once-each.ts'
import { placesOf } from '../present.ts'
import type { EarlierReading } from '../reading.ts'
import type { DraftBook } from './draft-book.ts'
import type { ExpungeBehaviorSetting } from './expunge-behavior.ts'
import { fateOf, mayBeLast } from './expunge-rules.ts'
import type { ExpungeBehavior, Fate } from './expunge-rules.ts'
import { messagesAtHand } from './messages-at-hand.ts'
import type { MessageAtHand } from './messages-at-hand.ts'
import { oneByOne } from './relabel-at-gmail.ts'
import type { Intention, Relabeller } from './relabeller.ts'
import { trashed } from './transfer-rules.ts'

/** EXPUNGE, by each mailbox's own rule. */
export class Expunger {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #relabeller: Relabeller
  readonly #drafts: DraftBook
  readonly #behavior: ExpungeBehaviorSetting

  constructor(options: {
    book: Book
    gmail: Gmail
    relabeller: Relabeller
    drafts: DraftBook
    behavior: ExpungeBehaviorSetting
  }) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#relabeller = options.relabeller
    this.#drafts = options.drafts
    this.#behavior = options.behavior
  }

  /** See `MailstoreWriting.expunge`. */
  async expunge(mailbox: MailboxId, keys: readonly MessageKey[], signal: AbortSignal): Promise<void> {
    const label = this.#book.mailboxes.get(mailbox)?.labelId
    if (label === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
    const { messages, reading } = await messagesAtHand(this.#book, mailbox, keys)
    if (messages.length === 0) return
    const call: CallOptions = { lane: 'person', cause: 'expunge', signal }
    const fates = await this.#fates(label, messages, signal)
    const of = (fate: Fate) => messages.filter((_, index) => fates[index] === fate)
    const unlabelled = onceEach((labels: ReadonlySet<LabelId>) => without(labels, label))
    const thrownAway = onceEach(trashed)
    const relabelled: Intention[] = [
      ...of('unlabel').map(({ row, labels }) => ({ row, before: labels, after: unlabelled(labels) })),
      ...of('trash').map(({ row, labels }) => ({ row, before: labels, after: thrownAway(labels) })),
    ]
    await this.#relabeller.relabel(reading, relabelled, call)
    await this.#discard(
      reading,
      of('discard').map(({ row }) => row),
      call,
    )
    await this.#delete(reading, label, of('delete'), call)
  }

  async #fates(label: LabelId, messages: readonly MessageAtHand[], signal: AbortSignal): Promise<Fate[]> {
    const places = placesOf(this.#book)
    // Messages with the same set of labels are in the same mailboxes.
    const kinds = new Map(messages.map((message) => [message.labels, message]))
    const fates = (behavior: ExpungeBehavior) => {
      const byKind = new Map<ReadonlySet<LabelId>, Fate>()
      for (const [labels, { memberships }] of kinds) {
        const names = memberships.flatMap((member) => places.labelOf(member.mailbox) ?? [])
        byKind.set(labels, fateOf(label, names, behavior))
      }
      return messages.map(({ labels }) => byKind.get(labels) as Fate)
    }
    const harmless = fates('archive')
    if (!mayBeLast(label)) return harmless
    // Whose last mailbox it is, is asked only for those whose last it is.
    if (fates('trash').every((fate) => fate === 'unlabel')) return harmless
    return fates(await this.#behavior.read(signal))
  }

  async #delete(
    reading: EarlierReading,
    label: LabelId,
    messages: readonly MessageAtHand[],
    call: CallOptions,
  ): Promise<void> {
    if (messages.length === 0) return
    try {
      await this.#relabeller.deleteForEver(
        reading,
        messages.map(({ row }) => row),
        call,
      )
    } catch (error) {
      if (!(error instanceof GmailError) || error.kind !== 'forbidden') throw error
      // The account wants its mail deleted and Google has not given Postern the right to: Gmail empties Trash itself.
      if (mayBeLast(label))
        return await this.#relabeller.relabel(
          reading,
          messages.map(({ row, labels }) => ({ row, before: labels, after: trashed(labels) })),
          call,
        )
      throw new MailError(
        'not-permitted',
        'Google has not permitted Postern to delete for ever; empty this folder in Gmail, or connect the account with full access',
        { cause: error },
      )
    }
  }

  async #discard(reading: EarlierReading, rows: readonly MessageRow[], call: CallOptions): Promise<void> {
    if (rows.length === 0) return
    const byId = new Map(rows.map((row) => [row.messageId, row]))
    const drafts = await this.#drafts.find([...byId.keys()], call)
    const outcome = await oneByOne([...drafts.keys()], (id) =>
      this.#gmail.deleteDraft(drafts.get(id) as string, call),
    )
    for (const id of outcome.done) this.#drafts.forget(id)
    await this.#relabeller.forget(
      reading,
      outcome.done.flatMap((id) => byId.get(id)?.key ?? []),
    )
    if (outcome.failure !== undefined) throw outcome.failure.reason
  }
}

function without(labels: ReadonlySet<LabelId>, label: LabelId): Set<LabelId> {
  const after = new Set(labels)
  after.delete(label)
  return after
}

import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail, Label } from '#gmail/gmail.ts'
import { MailError } from '#mail/errors.ts'
import type { LabelId, MailboxId } from '#mail/ids.ts'
import { delimiter } from '#mail/mailbox.ts'
import type { Clock } from '#mail/surroundings.ts'
import type { LabelRow } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Directory } from '../directory.ts'
import { applyLabels } from '../sync/apply-labels.ts'
import { labelNameOf } from './label-names.ts'
import { alreadyExists, labelRefusal } from './label-refusal.ts'

export interface MailboxesOptions {
  readonly book: Book
  readonly gmail: Gmail
  readonly clock: Clock
  readonly naming: { readonly prefix: string; readonly categories: boolean }
  readonly directory: Directory
  readonly onChange: () => void
}

/** CREATE, DELETE and RENAME: labels at Gmail, then mailboxes here by what labels.list would cause. */
export class Mailboxes {
  readonly #options: MailboxesOptions

  constructor(options: MailboxesOptions) {
    this.#options = options
  }

  /** See `MailstoreWriting.createMailbox`. The mailbox is empty and needs no listing. */
  async create(
    name: string,
    subscribed: boolean,
    signal: AbortSignal,
  ): Promise<{ id: MailboxId; labelId: LabelId }> {
    const labelName = labelNameOf(name, this.#options.naming.prefix)
    if (this.#options.directory.find(labelName)?.selectable === true) throw alreadyExists()
    const label = await this.#createLabel(labelName, call(signal))
    const { book, clock, onChange } = this.#options
    const id = await book.write((entry) => {
      if (!book.labels.some((row) => row.id === label.id)) entry.setLabels([...book.labels, rowOf(label)])
      // The sync may have read the label already.
      const known = book.mailboxOf(label.id)
      const made = known ?? entry.addMailbox(label.id, clock.now())
      entry.setSubscribed(made.id, subscribed)
      if (known !== undefined) return known.id
      entry.setWhole(made.id)
      entry.unstage(label.id)
      entry.setListing({ labelId: label.id, pageToken: undefined, stage: 'done', staged: 0 })
      return made.id
    })
    onChange()
    return { id, labelId: label.id }
  }

  /** See `MailstoreWriting.deleteMailbox`. */
  async delete(name: string, signal: AbortSignal): Promise<void> {
    const labelId = this.#own(name)
    await this.#options.gmail.deleteLabel(labelId, call(signal))
    await this.#apply((labels) => labels.filter((row) => row.id !== labelId))
  }

  /** See `MailstoreWriting.renameMailbox`; not for INBOX. Of several labels some may have their new names when it throws. */
  async rename(name: string, newName: string, signal: AbortSignal): Promise<void> {
    const { gmail, naming, directory } = this.#options
    const mailbox = directory.find(name)
    if (mailbox === undefined || (mailbox.id === undefined && !mailbox.hasChildren)) throw nonexistent()
    if (mailbox.id !== undefined) this.#own(name)
    const target = labelNameOf(newName, naming.prefix)
    const moving = directory
      .all()
      .filter(
        (one) => one.labelId !== undefined && (one.name === name || one.name.startsWith(name + delimiter)),
      )
    if (moving.some(({ role }) => role !== undefined)) throw ofGmail()
    const names = new Set(moving.map((one) => one.name))
    const renamed = moving.map((one) => ({
      labelId: one.labelId as LabelId,
      name: target + one.name.slice(name.length),
    }))
    const isTaken = (wanted: string) => directory.find(wanted)?.selectable === true
    if (target === name || isTaken(target)) throw alreadyExists()
    for (const one of renamed) if (isTaken(one.name) && !names.has(one.name)) throw alreadyExists()
    const done = new Map<LabelId, Label>()
    try {
      // A name that another of them has must be free first: deeper into itself from the leaves, else from the root.
      for (const one of target.startsWith(name + delimiter) ? renamed.toReversed() : renamed)
        done.set(one.labelId, await gmail.renameLabel(one.labelId, one.name, call(signal)))
    } finally {
      if (done.size > 0)
        await this.#apply((labels) =>
          labels.map((row) => ({ ...row, name: done.get(row.id)?.name ?? row.name })),
        )
    }
  }

  /** The label of a mailbox that is a user's. */
  #own(name: string): LabelId {
    const mailbox = this.#options.directory.find(name)
    if (mailbox === undefined || (mailbox.id === undefined && !mailbox.hasChildren)) throw nonexistent()
    const { id, labelId, role } = mailbox
    const isUsers = this.#options.book.labels.some((row) => row.id === labelId && row.type === 'user')
    if (role !== undefined || (labelId !== undefined && !isUsers)) throw ofGmail()
    if (id === undefined || labelId === undefined)
      throw new MailError('cannot', 'There is no such mailbox, only others below this name')
    return labelId
  }

  /** *Once* at Gmail: when the answer is lost, the list of labels tells. */
  async #createLabel(name: string, options: CallOptions): Promise<Label> {
    const { book, gmail } = this.#options
    try {
      return await gmail.createLabel(name, options)
    } catch (error) {
      if (!(error instanceof GmailError)) throw error
      const refusal = labelRefusal(error, book.labels.length)
      if (refusal !== undefined) throw refusal
      if (!error.maybeDone) throw error
      const made = (await gmail.labels(options)).find((label) => label.type === 'user' && label.name === name)
      if (made === undefined) throw error
      return made
    }
  }

  async #apply(change: (labels: readonly LabelRow[]) => readonly LabelRow[]): Promise<void> {
    const { book, clock, naming, onChange } = this.#options
    await book.write((entry) => {
      applyLabels(entry, book, change(book.labels), { categories: naming.categories, nowMs: clock.now() })
    })
    onChange()
  }
}

function call(signal: AbortSignal): CallOptions {
  return { lane: 'person', cause: 'labels', signal }
}

function rowOf({ id, name, type, labelListVisibility }: Label): LabelRow {
  return { id, name, type, labelListVisibility }
}

function nonexistent(): MailError {
  return new MailError('nonexistent', 'There is no such mailbox')
}

function ofGmail(): MailError {
  return new MailError('cannot', "This mailbox is Gmail's own")
}

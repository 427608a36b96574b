import type { Gmail } from '#gmail/gmail.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageId, MessageKey } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import { indexesOfKeys, keyAt } from '#mail/snapshot.ts'
import type { Book } from './book.ts'
import { flagGroups, writtenParts } from './flag-change.ts'
import type { FlagsBefore, WrittenChange, WrittenPart } from './flag-change.ts'
import { labelBits } from './label-rules.ts'
import { markFlags } from './mark-flags.ts'
import type { OwedPlaces } from './owed-places.ts'
import { breathe } from './present.ts'
import { rowsOf } from './records.ts'
import { setFlags } from './set-flags.ts'
import type { Shelf } from './snapshots/shelf.ts'
import type { UnderWay } from './sync/touched.ts'
import { relabelAtGmail } from './writing/relabel-at-gmail.ts'
import type { Outcome } from './writing/relabel-at-gmail.ts'

/** Some milliseconds. */
const messagesPerCommit = 1000

/**
 * The one place where Postern changes mail: first at Gmail, then in the store, by the changeset that history would cause.
 * The commit publishes it; when history echoes it, nothing is left to do.
 */
export class Hand {
  readonly #book: Book
  readonly #gmail: Gmail
  readonly #shelf: Pick<Shelf, 'peek'>
  readonly #owed: OwedPlaces
  readonly #changing: (keys: Iterable<MessageKey>) => UnderWay
  readonly #onChange: () => void

  /**
   * `changing` is told of the messages before anything is asked, `onChange` is called after each commit here: history read before it
   * is older than the store.
   */
  constructor(options: {
    book: Book
    gmail: Gmail
    shelf: Pick<Shelf, 'peek'>
    owed: OwedPlaces
    changing: (keys: Iterable<MessageKey>) => UnderWay
    onChange: () => void
  }) {
    this.#book = options.book
    this.#gmail = options.gmail
    this.#shelf = options.shelf
    this.#owed = options.owed
    this.#changing = options.changing
    this.#onChange = options.onChange
  }

  /** See `Mailstore.changeFlags`. Of several Gmail calls some may have been done when it throws; those are committed. */
  async changeFlags(
    mailbox: MailboxId,
    keys: readonly MessageKey[],
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = inOrder(keys)
    const isLocal = change.mode !== 'replace' && (change.bits & labelBits) === 0
    // Those that are as they shall be too: somebody may change them while the others are.
    using _ = isLocal ? undefined : this.#changing(keys)
    const { done, failure } = isLocal
      ? { done: [{ keys: wanted, kept: 0 }] }
      : await this.#changeAtGmail(await this.#flagsBefore(mailbox, wanted), wanted, change, signal)
    // It is done at Gmail: from here on nothing may be given up.
    for (const { keys: some, kept } of done)
      for (let at = 0; at < some.length; at += messagesPerCommit) {
        if (at > 0) await breathe()
        await this.#commit(mailbox, some.subarray(at, at + messagesPerCommit), { ...change, kept }, isLocal)
        // Of flags that Gmail lacks history says nothing.
        if (!isLocal) this.#onChange()
      }
    if (failure !== undefined) throw failure.reason
  }

  /** From the mailbox in memory where the messages are in it, else from the store. */
  async #flagsBefore(mailbox: MailboxId, keys: Uint32Array): Promise<FlagsBefore[]> {
    const snapshot = this.#shelf.peek(mailbox)
    const before: FlagsBefore[] = []
    const found = new Set<number>()
    if (snapshot !== undefined)
      for (const index of indexesOfKeys(snapshot, keys)) {
        const key = keyAt(snapshot, index)
        found.add(key)
        before.push({ key, bits: snapshot.flagTable.get(snapshot.flags[index] as number).bits })
      }
    if (found.size === keys.length) return before
    const others = [...keys].filter((key) => !found.has(key)) as MessageKey[]
    before.push(...(await rowsOf(this.#book.store, others)))
    return before
  }

  /** Which messages are as they shall be at Gmail by now, and by what; flags that Gmail lacks cost nothing there. */
  async #changeAtGmail(
    before: readonly FlagsBefore[],
    wanted: Uint32Array,
    change: FlagChange,
    signal: AbortSignal,
  ): Promise<{ readonly done: readonly WrittenPart[]; readonly failure?: Outcome['failure'] }> {
    const groups = flagGroups(before, change)
    const differing = Uint32Array.from(groups.flatMap(({ keys }) => keys)).sort()
    if (differing.length === 0) return { done: writtenParts(groups, wanted) }
    const ids = await this.#book.store.messageIds(differing)
    const drafts = new Set<number>()
    for (const { key, bits } of before) if ((bits & FlagBit.draft) !== 0) drafts.add(key)
    const call = { lane: 'person', cause: 'flags', signal } as const
    const undone = new Set<number>()
    let failure: Outcome['failure']
    for (const { keys, add, remove } of groups) {
      const known: MessageKey[] = []
      const names: MessageId[] = []
      for (const key of keys) {
        const id = ids.get(key)
        if (id === undefined || failure !== undefined) undone.add(key)
        else {
          known.push(key)
          names.push(id)
        }
      }
      if (known.length === 0) continue
      const isApart = (_: MessageId, at: number) => drafts.has(known[at] as number)
      const apart = new Set(add.length > 0 && drafts.size > 0 ? names.filter(isApart) : [])
      const outcome = await relabelAtGmail(this.#gmail, { ids: names, add, remove }, call, apart)
      failure = outcome.failure
      if (outcome.done.length === names.length) continue
      const done = new Set(outcome.done)
      for (const [at, key] of known.entries()) if (!done.has(names[at] as MessageId)) undone.add(key)
    }
    const done = writtenParts(groups, undone.size === 0 ? wanted : wanted.filter((key) => !undone.has(key)))
    return failure === undefined ? { done } : { done, failure }
  }

  async #commit(
    mailbox: MailboxId,
    keys: Uint32Array,
    change: WrittenChange,
    isLocal: boolean,
  ): Promise<void> {
    const moving = await this.#book.write(async (entry) => {
      // A listing must hear of each message whose label changes meanwhile.
      const isListing = !isLocal && this.#book.sync.phase === 'listing'
      const snapshot = isListing ? undefined : this.#shelf.peek(mailbox)
      const unmarked =
        snapshot === undefined
          ? { others: keys, moving: [] }
          : await markFlags(entry, this.#book, snapshot, keys, change)
      if (unmarked.others.length > 0) await setFlags(entry, this.#book, mailbox, unmarked.others, change)
      return unmarked.moving
    })
    this.#owed.owe(moving)
  }
}

/** Each once, ascending; nearly always they are so already. */
function inOrder(keys: readonly MessageKey[]): Uint32Array {
  const column = Uint32Array.from(keys)
  for (let at = 1; at < column.length; at++)
    if ((column[at] as number) <= (column[at - 1] as number)) return Uint32Array.from(new Set(keys)).sort()
  return column
}

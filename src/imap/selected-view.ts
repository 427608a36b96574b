import type { MessageKey, Seq } from '#mail/ids.ts'
import { FlagBit } from '#mail/flags.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import type { OpenMailbox } from '#mail/mailstore.ts'
import { hasSaved, withoutSaved } from '#mail/number-set.ts'
import type { NumberSet } from '#mail/number-set.ts'
import type { Recents } from '#mail/recent.ts'
import { indexOfUid, keyAt, lowerBound } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { expunges, flagChanges, vanishings } from './changes.ts'
import type { Chunk, Extension } from './command.ts'
import { ContextBook } from './context/context-book.ts'
import { KeywordBook } from './keyword-book.ts'
import { noneRecent, recentFor, TakenRecents } from './recent.ts'
import type { RecentMessages } from './recent.ts'
import { indexesOfSaved, indexesOfSeqs, indexesOfUids, inOrder } from './set-indexes.ts'
import { keepRemoved, knowsAll, withFlags } from './told.ts'
import type { View } from './view.ts'

/** Text of one piece of answer, so that a hundred thousand changes are not one string. */
const pieceLength = 64 * 1024

/**
 * The view of a session that has selected a mailbox. It holds what the client was told and, in `open`, what is so by
 * now; `sync` tells the difference. Nothing grows while the client does not listen.
 */
export class SelectedView implements View {
  readonly mailbox: Mailbox
  readonly readOnly: boolean
  readonly keywords: KeywordBook
  saved: Uint32Array = new Uint32Array(0)
  readonly contexts = new ContextBook()
  readonly #recents: TakenRecents
  readonly #open: OpenMailbox
  readonly #stop: () => void
  #told: MailboxSnapshot
  /** The newest state that `sync` has looked at: nothing to do while it is still the newest. */
  #seen: MailboxSnapshot | undefined
  /** The newest state that `follow` has looked at. */
  #followed: MailboxSnapshot | undefined
  #holdsRemoved = false
  /** The mod-sequence up to which nothing is held back. */
  #heard: number
  #gone = false
  #wake: (() => void) | undefined

  constructor(
    open: OpenMailbox,
    readOnly: boolean,
    {
      mayDelete = true,
      recents,
    }: { readonly mayDelete?: boolean; readonly recents?: Recents | undefined } = {},
  ) {
    this.#open = open
    this.mailbox = open.mailbox
    this.readOnly = readOnly
    this.#told = open.snapshot()
    this.#seen = this.#told
    this.#heard = this.#told.highestModSeq
    this.keywords = new KeywordBook(this.#told.flagTable, mayDelete)
    this.#recents = new TakenRecents(recents, this.#told.mailbox, readOnly)
    this.#recents.take(this.#told.uidNext)
    this.#stop = open.onChange((event) => {
      if (event === 'gone') this.#gone = true
      this.#wake?.()
    })
  }

  get told(): MailboxSnapshot {
    return this.#told
  }

  get recent(): RecentMessages {
    return this.#recents.none ? noneRecent : this.#recents
  }

  get recentCount(): number {
    return this.#recents.count(this.#told)
  }

  /** The mailbox ceased to exist, or its UIDs are no longer what they were. */
  get gone(): boolean {
    return this.#gone
  }

  /** Calls back once, on the next change; undefined forgets who was to be called. */
  onWake(wake: (() => void) | undefined): void {
    this.#wake = wake
  }

  close(): void {
    this.#stop()
    this.#wake = undefined
    this.#open.close()
  }

  indexesOfSeqs(set: NumberSet): Uint32Array {
    const named = indexesOfSeqs(this.#told, withoutSaved(set))
    return hasSaved(set) ? inOrder(named, indexesOfSaved(this.#told, this.saved)) : named
  }

  indexesOfUids(set: NumberSet): Uint32Array {
    const named = indexesOfUids(this.#told, withoutSaved(set))
    return hasSaved(set) ? inOrder(named, indexesOfSaved(this.#told, this.saved)) : named
  }

  /** Those of the ascending indexes into `told` whose messages are still there. */
  present(indexes: Uint32Array): Uint32Array {
    const newest = this.#open.snapshot()
    if (newest === this.#told) return indexes
    const { uids } = this.#told
    return indexes.filter((index) => indexOfUid(newest, uids[index] as number) !== -1)
  }

  /** The messages that are marked \Deleted by now: of these indexes into `told`, or of all, told or not. */
  deleted(indexes?: Uint32Array): MessageKey[] {
    const newest = this.#open.snapshot()
    const { flags, flagTable } = newest
    const marked = Uint8Array.from({ length: flagTable.size }, (_, index) =>
      (flagTable.get(index).bits & FlagBit.deleted) === 0 ? 0 : 1,
    )
    const keys: MessageKey[] = []
    const take = (at: number) => {
      if (at !== -1 && marked[flags[at] as number] === 1) keys.push(keyAt(newest, at))
    }
    if (indexes === undefined) for (let at = 0; at < flags.length; at++) take(at)
    else for (const index of indexes) take(indexOfUid(newest, this.#told.uids[index] as number))
    return keys
  }

  /**
   * Notes that the client knows, or does not want to hear, these flags: STORE with .SILENT, and answers already given.
   * `flags` are indexes into the flag table, one for each of the ascending indexes into `told`; so are the mod-sequences,
   * if the client knows them too.
   */
  acknowledge(indexes: Uint32Array, flags: Uint32Array, modSeqs?: Float64Array): void {
    const newest = this.#open.snapshot()
    if (modSeqs !== undefined && knowsAll(this.#told, newest, { indexes, flags, modSeqs })) {
      this.#told = newest
      // A keyword that nobody was told of is left to say.
      this.#seen = this.keywords.isCurrent ? newest : undefined
      return
    }
    this.#told = withFlags(this.#told, indexes, flags, modSeqs)
    // Look again even if nothing new comes: what was told may differ from what is.
    this.#seen = this.#told
  }

  /** Those of these messages whose mod-sequence is another by now. */
  modified(indexes: Uint32Array): Uint32Array {
    const { modSeqs } = this.stateNow(indexes)
    return indexes.filter((index, i) => this.#told.modSeqs[index] !== modSeqs[i])
  }

  /** Flags (indexes into the flag table) and mod-sequences of these messages by now; of one that is gone, as they were told. */
  stateNow(indexes: Uint32Array): { readonly flags: Uint32Array; readonly modSeqs: Float64Array } {
    const [told, newest] = [this.#told, this.#open.snapshot()]
    const sameMessages = told.uids === newest.uids
    const flags = new Uint32Array(indexes.length)
    const modSeqs = new Float64Array(indexes.length)
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i] as number
      const at = sameMessages ? index : indexOfUid(newest, told.uids[index] as number)
      const snapshot = at === -1 ? told : newest
      const place = at === -1 ? index : at
      flags[i] = snapshot.flags[place] as number
      modSeqs[i] = snapshot.modSeqs[place] as number
    }
    return { flags, modSeqs }
  }

  /**
   * Tells the client what changed and moves `told` on. With `expunge` false, removed messages stay in the view, and keep
   * their numbers, until the next lawful moment. RFC 9051 sections 7.5.1 and 5.2. With `flags` false, changes of flags
   * are taken over without a word (RFC 5465).
   */
  *sync(
    expunge: boolean,
    enabled: ReadonlySet<Extension>,
    { flags = true }: { readonly flags?: boolean } = {},
  ): Generator<Chunk, void, void> {
    const newest = this.#open.snapshot()
    if (this.#gone || newest.uidValidity !== this.#told.uidValidity) {
      this.#gone = true
      return
    }
    const resyncs = enabled.has('QRESYNC')
    if (newest === this.#seen && !(expunge && this.#holdsRemoved)) {
      if (resyncs && this.#holdsRemoved) yield heardUpTo(this.#heard)
      return
    }
    const before = this.#told
    const held = this.#holdsRemoved
    let text = this.keywords.news(this.readOnly)
    const uidOnly = enabled.has('UIDONLY')
    const removals = uidOnly || resyncs ? vanishings : expunges
    if (expunge) {
      for (const piece of this.contexts.removals(before, newest)) text = yield* spill(text, piece)
      for (const piece of removals(before, newest)) text = yield* spill(text, piece)
    }
    const after = expunge ? newest : keepRemoved(before, newest)
    // A generator may be left while it is suspended; the client has then heard nothing that counts any more.
    this.#told = after
    this.#seen = newest
    this.#holdsRemoved = after !== newest
    if (!this.#holdsRemoved) this.#heard = newest.highestModSeq
    const common = lowerBound(after.uids, (before.uids.at(-1) ?? 0) + 1)
    if (after.uids.length > common) {
      text += `* ${after.uids.length} EXISTS\r\n`
      this.#recents.take(newest.uidNext)
      if (!recentFor(enabled, this.recent).none) text += `* ${this.recentCount} RECENT\r\n`
    }
    const recent = recentFor(enabled, this.recent)
    if (flags)
      for (const piece of flagChanges(before, after, { enabled, recent })) text = yield* spill(text, piece)
    if (resyncs && (held || this.#holdsRemoved)) text += heardUpTo(this.#heard)
    if (text !== '') yield text
  }

  /** Takes over the flags of the messages that the client knows, and tells nothing: it wants to hear of none. RFC 5465. */
  follow(): void {
    const newest = this.#open.snapshot()
    if (newest.uidValidity !== this.#told.uidValidity) this.#gone = true
    if (this.#gone || newest === this.#followed) return
    this.#followed = newest
    const indexes = Uint32Array.from(this.#told.uids.keys())
    const { flags, modSeqs } = this.stateNow(indexes)
    this.acknowledge(indexes, flags, modSeqs)
  }

  /** The number of the first message without \Seen, if there is one. RFC 3501 section 7.1. */
  firstUnseen(): Seq | undefined {
    const { flags, flagTable } = this.#told
    const unseen = Uint8Array.from({ length: flagTable.size }, (_, index) =>
      (flagTable.get(index).bits & FlagBit.seen) === 0 ? 1 : 0,
    )
    const at = flags.findIndex((index) => unseen[index] === 1)
    return at === -1 ? undefined : ((at + 1) as Seq)
  }
}

/**
 * A client that comes back asks what happened since: it must not take a higher mod-sequence of FETCH for that while removals
 * are held back. RFC 7162 sections 3.2 and 6.
 */
function heardUpTo(modSeq: number): string {
  return `* OK [HIGHESTMODSEQ ${modSeq}] All before was told\r\n`
}

function* spill(text: string, more: string): Generator<Chunk, string, void> {
  if (text.length < pieceLength) return text + more
  yield text
  return more
}

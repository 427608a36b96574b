import type { Seq } from '#mail/ids.ts'
import { FlagBit } from '#mail/flags.ts'
import type { Mailbox } from '#mail/mailbox.ts'
import type { OpenMailbox } from '#mail/mailstore.ts'
import { resolveRanges } from '#mail/number-set.ts'
import type { NumberRange, NumberSet } from '#mail/number-set.ts'
import { lowerBound } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Chunk, Extension } from './command.ts'
import { KeywordBook } from './keyword-book.ts'
import { ProtocolError } from './parser.ts'
import { keepRemoved, withFlags } from './told.ts'
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
  readonly #open: OpenMailbox
  readonly #stop: () => void
  #told: MailboxSnapshot
  /** The newest state that `sync` has looked at: nothing to do while it is still the newest. */
  #seen: MailboxSnapshot
  #holdsRemoved = false
  #gone = false
  #wake: (() => void) | undefined

  constructor(open: OpenMailbox, readOnly: boolean) {
    this.#open = open
    this.mailbox = open.mailbox
    this.readOnly = readOnly
    this.#told = open.snapshot()
    this.#seen = this.#told
    this.keywords = new KeywordBook(this.#told.flagTable)
    this.#stop = open.onChange((event) => {
      if (event === 'gone') this.#gone = true
      this.#wake?.()
    })
  }

  get told(): MailboxSnapshot {
    return this.#told
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
    if (set === 'saved') return this.#indexesOfSaved()
    const count = this.#told.uids.length
    for (const { from, to } of set) {
      // 5:* with three messages means the last one; a plain 5 is an error. RFC 9051 section 9, seq-number.
      if (from !== Infinity && to !== Infinity && Math.max(from, to) > count)
        throw new ProtocolError('There is no message with this number')
    }
    const ranges = resolveRanges(
      set.map(({ from, to }) => ({ from: clamp(from, count), to: clamp(to, count) })),
      count,
    )
    return gather(ranges, (number) => number - 1)
  }

  indexesOfUids(set: NumberSet): Uint32Array {
    if (set === 'saved') return this.#indexesOfSaved()
    const { uids } = this.#told
    const ranges: NumberRange[] = []
    for (const { from, to } of resolveRanges(set, uids.at(-1) ?? 0)) {
      const first = lowerBound(uids, from)
      const end = lowerBound(uids, to + 1)
      if (first < end) ranges.push({ from: first, to: end - 1 })
    }
    return gather(ranges, (index) => index)
  }

  /** UIDs that left the mailbox are no longer meant. RFC 5182 section 2.1. */
  #indexesOfSaved(): Uint32Array {
    const { uids } = this.#told
    return this.saved.map((uid) => lowerBound(uids, uid)).filter((index, i) => uids[index] === this.saved[i])
  }

  /**
   * Notes that the client knows, or does not want to hear, these flags: STORE with .SILENT, and answers already given.
   * `flags` are indexes into the flag table, one for each of the ascending indexes into `told`.
   */
  acknowledge(indexes: Uint32Array, flags: Uint32Array): void {
    this.#told = withFlags(this.#told, indexes, flags)
    // Look again even if nothing new comes: what was told may differ from what is.
    this.#seen = this.#told
  }

  /** The flags of these messages by now; of one that is gone, as they were told. Indexes into the flag table. */
  flagsNow(indexes: Uint32Array): Uint32Array {
    const newest = this.#open.snapshot()
    return indexes.map((index) => {
      const at = lowerBound(newest.uids, this.#told.uids[index] as number)
      return (
        newest.uids[at] === this.#told.uids[index] ? newest.flags[at] : this.#told.flags[index]
      ) as number
    })
  }

  /**
   * Tells the client what changed and moves `told` on. With `expunge` false, removed messages stay in the view, and keep
   * their numbers, until the next lawful moment. RFC 9051 sections 7.5.1 and 5.2.
   */
  *sync(expunge: boolean, enabled: ReadonlySet<Extension>): Generator<Chunk, void, void> {
    const newest = this.#open.snapshot()
    if (this.#gone || newest.uidValidity !== this.#told.uidValidity) {
      this.#gone = true
      return
    }
    if (newest === this.#seen && !(expunge && this.#holdsRemoved)) return
    const before = this.#told
    let text = this.keywords.news(this.readOnly)
    if (expunge) for (const piece of expunges(before, newest)) text = yield* spill(text, piece)
    const after = expunge ? newest : keepRemoved(before, newest)
    // A generator may be left while it is suspended; the client has then heard nothing that counts any more.
    this.#told = after
    this.#seen = newest
    this.#holdsRemoved = after !== newest
    const common = lowerBound(after.uids, (before.uids.at(-1) ?? 0) + 1)
    if (after.uids.length > common) text += `* ${after.uids.length} EXISTS\r\n`
    for (const piece of flagChanges(before, after, enabled.has('CONDSTORE'))) text = yield* spill(text, piece)
    if (text !== '') yield text
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

function* spill(text: string, more: string): Generator<Chunk, string, void> {
  if (text.length < pieceLength) return text + more
  yield text
  return more
}

function clamp(number: number, count: number): number {
  return number === Infinity ? number : Math.min(number, count)
}

function gather(ranges: readonly NumberRange[], indexOf: (value: number) => number): Uint32Array {
  let count = 0
  for (const { from, to } of ranges) count += to - from + 1
  const indexes = new Uint32Array(count)
  let at = 0
  for (const { from, to } of ranges)
    for (let value = from; value <= to; value++) indexes[at++] = indexOf(value)
  return indexes
}

/** Numbers as they are when the client reads the line: each removal shifts those that follow. RFC 9051 section 7.5.1. */
function* expunges(before: MailboxSnapshot, newest: MailboxSnapshot): Generator<string, void, void> {
  let kept = 0
  let at = 0
  for (const uid of before.uids) {
    while (at < newest.uids.length && (newest.uids[at] as number) < uid) at++
    if (newest.uids[at] === uid) kept++
    else yield `* ${kept + 1} EXPUNGE\r\n`
  }
}

/** Messages of both whose flags differ. UID goes first: Thunderbird pairs answers by it. */
function* flagChanges(
  before: MailboxSnapshot,
  after: MailboxSnapshot,
  withModSeq: boolean,
): Generator<string, void, void> {
  let old = 0
  for (let i = 0; i < after.uids.length; i++) {
    const uid = after.uids[i] as number
    while (old < before.uids.length && (before.uids[old] as number) < uid) old++
    if (old === before.uids.length) return
    if (before.uids[old] !== uid) continue
    const sameFlags = before.flags[old] === after.flags[i]
    if (sameFlags && (!withModSeq || before.modSeqs[old] === after.modSeqs[i])) continue
    const flags = after.flagTable.get(after.flags[i] as number).text
    const modSeq = withModSeq ? ` MODSEQ (${after.modSeqs[i]})` : ''
    yield `* ${i + 1} FETCH (UID ${uid} FLAGS (${flags})${modSeq})\r\n`
  }
}

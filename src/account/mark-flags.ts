import { FlagBit } from '#mail/flags.ts'
import { uid } from '#mail/ids.ts'
import type { MessageKey } from '#mail/ids.ts'
import { indexesOfKeys, keyAt } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Book } from './book.ts'
import type { Entry } from './entry.ts'
import { changedFlags, changeable, needsNoMark, sameFlags } from './flag-change.ts'
import type { WrittenChange } from './flag-change.ts'
import { bitLabels } from './label-rules.ts'

/** What a change makes of a combination of flags. */
interface After {
  readonly bits: number
  readonly keywords: readonly string[]
  /** Bits of the message change. */
  readonly marks: boolean
  /** It belongs in other mailboxes. */
  readonly moves: boolean
  /** \Deleted changes, to this. */
  readonly deleted: boolean | undefined
}

/** What is left to do for some of the messages. */
export interface Unmarked {
  /** Those that are not in the mailbox, get or lose keywords, or are drafts already. Ascending. */
  readonly others: Uint32Array
  /** Those that belong in other mailboxes by a flag: to be told to OwedPlaces when this is committed. */
  readonly moving: readonly MessageKey[]
}

/**
 * Writes a change of bits for those messages of which no more need be known than the mailbox in memory tells: a thousand as
 * one mark. The snapshot must be of now. `keys` ascends.
 */
export async function markFlags(
  entry: Entry,
  book: Book,
  snapshot: MailboxSnapshot,
  keys: Uint32Array,
  change: WrittenChange,
): Promise<Unmarked> {
  const after = afterwards(book, snapshot, change)
  const indexes = indexesOfKeys(snapshot, keys)
  const marked = new Uint32Array(indexes.length)
  let marks = 0
  const moving: MessageKey[] = []
  const others = new Set<number>(indexes.length < keys.length ? keys : [])
  for (const index of indexes) {
    const key = keyAt(snapshot, index)
    const state = after(snapshot.flags[index] as number)
    if (state === undefined) others.add(key)
    else {
      others.delete(key)
      if (state.marks) marked[marks++] = key
      if (state.moves) moving.push(key)
      if (state.deleted !== undefined) {
        const member = { mailbox: snapshot.mailbox, uid: uid(snapshot.uids[index] as number), key }
        entry.setDeleted(member, state.deleted, { key, bits: state.bits, keywords: state.keywords })
      }
    }
  }
  if (marks > 0) {
    const marking = changeable & ~FlagBit.deleted & ~(change.kept ?? 0)
    const bits = change.bits & marking
    const remove = { add: 0, remove: bits, replace: marking }[change.mode]
    const ascending = marked.slice(0, marks).sort()
    const mark = { keys: ascending, add: change.mode === 'remove' ? 0 : bits, remove }
    entry.mark(mark, await book.store.mailboxesOf(ascending))
  }
  return { others: Uint32Array.from(others).sort(), moving }
}

/** By index into the flag table; undefined where a mark does not suffice. Most messages have one of few combinations. */
function afterwards(
  book: Book,
  { flagTable }: MailboxSnapshot,
  change: WrittenChange,
): (flags: number) => After | undefined {
  const known = new Map<number, After | undefined>()
  const places = bitLabels.reduce(
    (bits, { label, bit }) => (book.mailboxOf(label) === undefined ? bits : bits | bit),
    0,
  )
  const compute = (flags: number): After | undefined => {
    const before = flagTable.get(flags)
    if (needsNoMark(before.bits, change)) return undefined
    const { bits, keywords } = changedFlags(before, change)
    const differing = bits ^ before.bits
    if (!sameFlags({ bits, keywords }, { bits, keywords: before.keywords })) return undefined
    const isDeleted = (bits & FlagBit.deleted) !== 0
    return {
      bits,
      keywords,
      marks: (differing & ~FlagBit.deleted) !== 0,
      moves: (differing & places) !== 0,
      deleted: (differing & FlagBit.deleted) === 0 ? undefined : isDeleted,
    }
  }
  return (flags) => {
    if (!known.has(flags)) known.set(flags, compute(flags))
    return known.get(flags)
  }
}

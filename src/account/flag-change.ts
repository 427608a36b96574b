import { FlagBit } from '#mail/flags.ts'
import type { LabelId, MessageKey } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import { bitLabels, labelBits } from './label-rules.ts'

interface Flags {
  readonly bits: number
  readonly keywords: readonly string[]
}

/** What of a change is to be written. */
export interface WrittenChange extends FlagChange {
  /** Bits that stay as they are, whatever the change says: Gmail was not asked to change these labels. */
  readonly kept?: number
}

/** The bits that a client may change; `draft` is Gmail's own, Deleted belongs to a membership and is passed beside. */
export const changeable = 0xffff & ~FlagBit.draft

/** Whether a change does not do the same to all: one that Gmail keeps as a draft needs no mark, and sent must not look like one. */
export function needsNoMark(bits: number, change: Pick<FlagChange, 'mode' | 'bits'>): boolean {
  return change.mode !== 'remove' && (change.bits & FlagBit.draftMark) !== 0 && (bits & FlagBit.draft) !== 0
}

/** Flags after a change; keywords are compared without regard to letter case. RFC 9051 section 6.4.6. */
export function changedFlags(flags: Flags, change: WrittenChange): Flags {
  const { kept = 0 } = change
  const bits = (changedBits(flags.bits, change) & ~kept) | (flags.bits & kept)
  switch (change.mode) {
    case 'add':
      return { bits, keywords: union(flags.keywords, change.keywords) }
    case 'remove':
      return { bits, keywords: without(flags.keywords, change.keywords) }
    case 'replace':
      return { bits, keywords: union([], change.keywords) }
  }
}

function changedBits(before: number, change: FlagChange): number {
  const bits = change.bits & changeable & (needsNoMark(before, change) ? ~FlagBit.draftMark : -1)
  switch (change.mode) {
    case 'add':
      return before | bits
    case 'remove':
      return before & ~bits
    case 'replace':
      return (before & ~changeable) | bits
  }
}

export function sameFlags(a: Flags, b: Flags): boolean {
  return (
    a.bits === b.bits &&
    a.keywords.length === b.keywords.length &&
    a.keywords.every((word, index) => word === b.keywords[index])
  )
}

/** A message with the bits that it has before a change. */
export interface FlagsBefore {
  readonly key: MessageKey
  readonly bits: number
}

/** Messages that need the same change of labels at Gmail. */
export interface FlagGroup {
  readonly keys: readonly MessageKey[]
  /** The bits of these labels. */
  readonly differing: number
  readonly add: readonly LabelId[]
  readonly remove: readonly LabelId[]
}

/** Groups messages by what a change comes to at Gmail, so that each group is as few calls as can be. */
export function flagGroups(messages: Iterable<FlagsBefore>, change: FlagChange): FlagGroup[] {
  const groups = new Map<
    number,
    { keys: MessageKey[]; differing: number; add: LabelId[]; remove: LabelId[] }
  >()
  for (const { key, bits: before } of messages) {
    const after = changedBits(before, change)
    const differing = (before ^ after) & labelBits
    if (differing === 0) continue
    const name = differing * 65536 + (after & differing)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { keys: [key], differing, ...labelsOf(differing, after) })
    else group.keys.push(key)
  }
  return [...groups.values()]
}

/** Messages and which of the bits that are labels stay as they are. Keys ascend. */
export interface WrittenPart {
  readonly keys: Uint32Array
  readonly kept: number
}

/**
 * What is to be written of a change once Gmail has done it: just what Gmail was asked for. Whoever changed another flag meanwhile,
 * over there or here, has changed it. `done` ascends.
 */
export function writtenParts(groups: readonly FlagGroup[], done: Uint32Array): WrittenPart[] {
  const [first] = groups
  if (first === undefined) return [{ keys: done, kept: labelBits }]
  if (groups.length === 1 && first.keys.length === done.length)
    return [{ keys: done, kept: labelBits & ~first.differing }]
  const differing = new Map<number, number>()
  for (const group of groups) for (const key of group.keys) differing.set(key, group.differing)
  const parts = new Map<number, number[]>()
  for (const key of done) {
    const kept = labelBits & ~(differing.get(key) ?? 0)
    const keys = parts.get(kept)
    if (keys === undefined) parts.set(kept, [key])
    else keys.push(key)
  }
  return [...parts].map(([kept, keys]) => ({ keys: Uint32Array.from(keys), kept }))
}

function labelsOf(differing: number, bits: number): { add: LabelId[]; remove: LabelId[] } {
  const add: LabelId[] = []
  const remove: LabelId[] = []
  for (const { label, bit, inverted } of bitLabels) {
    if ((differing & bit) === 0) continue
    const isLabelled = ((bits & bit) !== 0) !== inverted
    ;(isLabelled ? add : remove).push(label)
  }
  return { add, remove }
}

function union(words: readonly string[], more: readonly string[]): readonly string[] {
  // Nearly always.
  if (words.length === 0 && more.length === 0) return words
  const byName = new Map(words.map((word) => [word.toLowerCase(), word]))
  for (const word of more) if (!byName.has(word.toLowerCase())) byName.set(word.toLowerCase(), word)
  return [...byName.values()].sort()
}

function without(words: readonly string[], fewer: readonly string[]): readonly string[] {
  if (words.length === 0 || fewer.length === 0) return words
  const names = new Set(fewer.map((word) => word.toLowerCase()))
  return words.filter((word) => !names.has(word.toLowerCase()))
}

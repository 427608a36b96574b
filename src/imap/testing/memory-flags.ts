import { flagBit, FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { FlagChange, Mailstore } from '#mail/mailstore.ts'
import type { MemoryInside } from './memory-inside.ts'
import type { Box } from './memory-model.ts'

/** Names of flags as a mailstore keeps them. */
export function splitFlags(flags: readonly string[]): { bits: number; keywords: string[] } {
  let bits = 0
  const keywords: string[] = []
  for (const flag of flags) {
    const bit = flagBit(flag)
    if (bit === undefined) keywords.push(flag)
    else bits |= bit
  }
  return { bits, keywords }
}

/** Flags, and who may not have theirs changed. */
export function memoryFlags(inside: MemoryInside): Pick<Mailstore, 'changeFlags'> {
  return {
    async changeFlags(id: MailboxId, keys, change, signal) {
      inside.check(signal)
      const box = inside.boxOf(id)
      const since = change.unchangedSince ?? Infinity
      const wanted = new Set(keys)
      const spared = box.rows.filter((row) => wanted.has(row.key) && row.modSeq > since)
      for (const { key } of spared) wanted.delete(key)
      applyFlags(inside, box, wanted, change)
      return spared.map(({ key }) => key)
    },
  }
}

/** Applies a change as Gmail would: \Deleted in one mailbox, everything else in all that hold the message. */
export function applyFlags(
  inside: MemoryInside,
  box: Box,
  keys: ReadonlySet<MessageKey>,
  change: FlagChange,
): void {
  const touched = new Set<MessageKey>()
  for (const key of keys) {
    const message = inside.messages.get(key)
    if (message === undefined) continue
    const bits = changedBits(message.bits, { ...change, bits: change.bits & ~FlagBit.deleted })
    const keywords = changedKeywords(message.keywords, change)
    if (bits === message.bits && keywords.join(' ') === message.keywords.join(' ')) continue
    message.bits = bits
    message.keywords = keywords
    touched.add(key)
  }
  for (const other of inside.boxes.values()) {
    let changes = false
    for (const row of other.rows) {
      const deleted =
        other === box && keys.has(row.key)
          ? (changedBits(row.deleted ? FlagBit.deleted : 0, change) & FlagBit.deleted) !== 0
          : row.deleted
      if (deleted === row.deleted && !touched.has(row.key)) continue
      row.deleted = deleted
      row.modSeq = inside.touch()
      changes = true
    }
    if (changes) inside.changed(other, 'flags')
  }
}

function changedBits(before: number, { mode, bits }: FlagChange): number {
  if (mode === 'replace') return bits
  return mode === 'add' ? before | bits : before & ~bits
}

function changedKeywords(before: readonly string[], { mode, keywords }: FlagChange): readonly string[] {
  if (mode === 'replace') return keywords.toSorted()
  const wanted = new Set(keywords.map((keyword) => keyword.toLowerCase()))
  const others = before.filter((keyword) => !wanted.has(keyword.toLowerCase()))
  if (mode === 'remove') return others
  const known = new Map(before.map((keyword) => [keyword.toLowerCase(), keyword]))
  return [...others, ...keywords.map((keyword) => known.get(keyword.toLowerCase()) ?? keyword)].sort()
}

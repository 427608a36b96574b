import { copyOfModSeqs, lowerBound, stepBetween } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'

/** It is none that a mailbox had. */
const ofNoStep = { token: undefined, step: undefined }

/**
 * The newest state, with the messages that were removed since `before` still in it: what a client knows that heard of
 * everything but the removals. `newest` itself when nothing was removed.
 */
export function keepRemoved(before: MailboxSnapshot, newest: MailboxSnapshot): MailboxSnapshot {
  const known = before.uids.length
  const firstNew = lowerBound(newest.uids, (before.uids.at(-1) ?? 0) + 1)
  if (firstNew === known) return newest
  const count = known + newest.uids.length - firstNew
  const merged = {
    ...newest,
    uids: new Uint32Array(count),
    keys: new Uint32Array(count),
    flags: new Uint32Array(count),
    modSeqs: new Float64Array(count),
    ...ofNoStep,
  }
  let at = 0
  for (let i = 0; i < known; i++) {
    const uid = before.uids[i] as number
    while (at < firstNew && (newest.uids[at] as number) < uid) at++
    if (newest.uids[at] === uid) copyRow(newest, at, merged, i)
    else copyRow(before, i, merged, i)
  }
  for (const name of ['uids', 'keys', 'flags'] as const)
    merged[name].set(newest[name].subarray(firstNew), known)
  merged.modSeqs.set(newest.modSeqs.subarray(firstNew), known)
  return merged
}

/** The same messages with other flags at some indexes, and other mod-sequences if they are given. */
export function withFlags(
  told: MailboxSnapshot,
  indexes: Uint32Array,
  flags: Uint32Array,
  modSeqs?: Float64Array,
): MailboxSnapshot {
  const column = told.flags.slice()
  const modSeqColumn = modSeqs === undefined ? told.modSeqs : copyOfModSeqs(told.modSeqs)
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number
    column[index] = flags[i] as number
    if (modSeqs !== undefined) modSeqColumn[index] = modSeqs[i] as number
  }
  return { ...told, flags: column, modSeqs: modSeqColumn, ...ofNoStep }
}

/** Whether a client that was told this state, and now these flags and mod-sequences, knows all of the newest. */
export function knowsAll(
  told: MailboxSnapshot,
  newest: MailboxSnapshot,
  { indexes, flags, modSeqs }: { indexes: Uint32Array; flags: Uint32Array; modSeqs: Float64Array },
): boolean {
  const changed = stepBetween(told, newest)
  if (changed === undefined) return false
  let at = 0
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number
    if (changed[at] === index) at++
    if (newest.flags[index] !== flags[i] || newest.modSeqs[index] !== modSeqs[i]) return false
  }
  return at === changed.length
}

function copyRow(from: MailboxSnapshot, at: number, to: MailboxSnapshot, i: number): void {
  to.uids[i] = from.uids[at] as number
  to.keys[i] = from.keys[at] as number
  to.flags[i] = from.flags[at] as number
  to.modSeqs[i] = from.modSeqs[at] as number
}

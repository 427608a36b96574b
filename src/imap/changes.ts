import { formatNumbers } from '#mail/number-set.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { stepBetween } from '#mail/snapshot.ts'
import { answerHead } from './answer-head.ts'
import type { Extension } from './command.ts'
import { withRecent } from './recent.ts'
import type { RecentMessages } from './recent.ts'

/** Numbers as they are when the client reads the line: each removal shifts those that follow. RFC 9051 section 7.5.1. */
export function* expunges(before: MailboxSnapshot, newest: MailboxSnapshot): Generator<string, void, void> {
  // Columns that did not change are shared: of ten thousand messages nobody need look at one.
  if (before.uids === newest.uids) return
  let kept = 0
  let at = 0
  for (const uid of before.uids) {
    while (at < newest.uids.length && (newest.uids[at] as number) < uid) at++
    if (newest.uids[at] === uid) kept++
    else yield `* ${kept + 1} EXPUNGE\r\n`
  }
}

/** UIDs named by one line, so that a hundred thousand are not one string. */
const vanishedLimit = 5000

/** What was removed, by UID. RFC 7162 section 3.2.10, RFC 9586 section 3.4. */
export function* vanishings(before: MailboxSnapshot, newest: MailboxSnapshot): Generator<string, void, void> {
  if (before.uids === newest.uids) return
  let gone: number[] = []
  let at = 0
  for (const uid of before.uids) {
    while (at < newest.uids.length && (newest.uids[at] as number) < uid) at++
    if (newest.uids[at] === uid) continue
    if (gone.push(uid) < vanishedLimit) continue
    yield `* VANISHED ${formatNumbers(gone)}\r\n`
    gone = []
  }
  if (gone.length > 0) yield `* VANISHED ${formatNumbers(gone)}\r\n`
}

/** Messages of both whose flags differ. UID goes first: Thunderbird pairs answers by it. */
export function* flagChanges(
  before: MailboxSnapshot,
  after: MailboxSnapshot,
  { enabled, recent }: { readonly enabled: ReadonlySet<Extension>; readonly recent: RecentMessages },
): Generator<string, void, void> {
  const withModSeq = enabled.has('CONDSTORE')
  const uidOnly = enabled.has('UIDONLY')
  const line = (i: number): string => {
    const uid = after.uids[i] as number
    const { text } = after.flagTable.get(after.flags[i] as number)
    const flags = recent.has(uid) ? withRecent(text) : text
    const modSeq = withModSeq ? ` MODSEQ (${after.modSeqs[i]})` : ''
    const name = uidOnly ? '' : `UID ${uid} `
    return `${answerHead(uidOnly, i, uid)}${name}FLAGS (${flags})${modSeq})\r\n`
  }
  const changed = stepBetween(before, after)
  if (changed !== undefined) {
    for (const i of changed) if (nextChange(before, after, withModSeq, i, i + 1) === i) yield line(i)
    return
  }
  if (before.uids === after.uids) {
    for (let i = -1; (i = nextChange(before, after, withModSeq, i + 1)) < after.uids.length;) yield line(i)
    return
  }
  let old = 0
  for (let i = 0; i < after.uids.length; i++) {
    const uid = after.uids[i] as number
    while (old < before.uids.length && (before.uids[old] as number) < uid) old++
    if (old === before.uids.length) return
    if (before.uids[old] !== uid) continue
    const sameFlags = before.flags[old] === after.flags[i]
    if (!sameFlags || (withModSeq && before.modSeqs[old] !== after.modSeqs[i])) yield line(i)
  }
}

/** The first index from `i` and below `count` at which snapshots of the same messages differ; `count` when there is none. */
function nextChange(
  before: MailboxSnapshot,
  after: MailboxSnapshot,
  withModSeq: boolean,
  i: number,
  count = after.flags.length,
): number {
  const { flags, modSeqs } = after
  const sameFlags = before.flags === flags
  const sameModSeqs = !withModSeq || before.modSeqs === modSeqs
  if (sameFlags && sameModSeqs) return count
  let at = i
  if (sameModSeqs) while (at < count && before.flags[at] === flags[at]) at++
  else while (at < count && before.flags[at] === flags[at] && before.modSeqs[at] === modSeqs[at]) at++
  return at
}

import type { MailboxSnapshot } from '#mail/snapshot.ts'

/** Numbers as they are when the client reads the line: each removal shifts those that follow. RFC 9051 section 7.5.1. */
export function* expunges(before: MailboxSnapshot, newest: MailboxSnapshot): Generator<string, void, void> {
  let kept = 0
  let at = 0
  for (const uid of before.uids) {
    while (at < newest.uids.length && (newest.uids[at] as number) < uid) at++
    if (newest.uids[at] === uid) kept++
    else yield `* ${kept + 1} EXPUNGE\r\n`
  }
}

/** Messages of both whose flags differ. UID goes first: Thunderbird pairs answers by it. */
export function* flagChanges(
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

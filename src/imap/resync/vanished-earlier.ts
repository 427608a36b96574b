import type { ModSeq } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { formatNumbers, inRanges, resolveRanges } from '#mail/number-set.ts'
import type { NumberRange } from '#mail/number-set.ts'
import { indexOfUid } from '#mail/snapshot.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'

/** UIDs named by one line. */
const lineLimit = 5000

/**
 * `VANISHED (EARLIER)`: what of a set of UIDs was removed after a mod-sequence. What the client was told of and not yet that it
 * went is left out: that comes as VANISHED, which moves its numbers. RFC 7162 section 3.2.10.
 */
export async function vanishedEarlier(
  mailstore: Mailstore,
  told: MailboxSnapshot,
  since: number,
  set: readonly NumberRange[] | undefined,
): Promise<string> {
  const vanished = await mailstore.vanished(told.mailbox, since as ModSeq)
  // "*" is the largest UID there is or was.
  const ranges = set === undefined ? undefined : resolveRanges(set, told.uidNext - 1)
  const named = vanished.filter(
    (uid) => (ranges === undefined || inRanges(ranges, uid)) && indexOfUid(told, uid) === -1,
  )
  let text = ''
  for (let at = 0; at < named.length; at += lineLimit)
    text += `* VANISHED (EARLIER) ${formatNumbers(named.slice(at, at + lineLimit))}\r\n`
  return text
}

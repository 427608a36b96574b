import { formatNumbers } from '#mail/number-set.ts'
import type { Uid } from '#mail/ids.ts'
import type { Transfer } from '#mail/writing.ts'

/** `COPYUID …`, each UID at the place of its source; undefined when nothing was copied. RFC 4315 section 3. */
export function copyUid({ uidValidity, from, to }: Transfer): string | undefined {
  if (from.length === 0) return undefined
  return `COPYUID ${uidValidity} ${formatNumbers(from)} ${formatNumbers(to)}`
}

/** `APPENDUID …`, in the order of the messages. RFC 4315 section 3, RFC 3502 section 6.3.11. */
export function appendUid({
  uidValidity,
  uids,
}: {
  readonly uidValidity: number
  readonly uids: readonly Uid[]
}): string {
  return `APPENDUID ${uidValidity} ${formatNumbers(uids)}`
}

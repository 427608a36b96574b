import { FlagBit } from '#mail/flags.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { SnapshotColumns } from '../store.ts'
import { boxOf, type AccountPart } from './account-part.ts'

/** At most `limit` rows of a mailbox with UID from `fromUid` up. */
export function readSnapshot(
  part: AccountPart,
  mailbox: MailboxId,
  fromUid: number,
  limit: number,
): Promise<SnapshotColumns> {
  return part.turns.read(async () => {
    await part.keywords.load()
    const rows = await part.db.all<[uid: number, m: number, bitsAndKeywords: number, modSeq: number]>(
      `select e.uid, e.m, m.bits + case when e.deleted then ${FlagBit.deleted} else 0 end + m.keywords * 65536,
         greatest(m.mod_seq, e.mod_seq)
       from membership e join message m on m.m = e.m
       where e.box = ${boxOf} and e.uid >= $3 order by e.uid limit $4`,
      part.account,
      mailbox,
      fromUid,
      limit,
    )
    return columnsOf(part, rows)
  })
}

function columnsOf(part: AccountPart, rows: readonly (readonly [number, number, number, number])[]) {
  const uids = new Uint32Array(rows.length)
  const keys = new Uint32Array(rows.length)
  const bits = new Uint32Array(rows.length)
  const modSeqs = new Float64Array(rows.length)
  const keywords = new Map<number, readonly string[]>()
  for (const [index, [uid, m, bitsAndKeywords, modSeq]] of rows.entries()) {
    uids[index] = uid
    keys[index] = m - part.firstM
    bits[index] = bitsAndKeywords & 0xffff
    modSeqs[index] = modSeq
    if (bitsAndKeywords >= 65536)
      keywords.set(index, part.keywords.words(Math.floor(bitsAndKeywords / 65536)))
  }
  return { uids, keys, bits, modSeqs, keywords }
}

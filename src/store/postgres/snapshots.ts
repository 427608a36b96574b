import { FlagBit } from '#mail/flags.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { SnapshotColumns } from '../store.ts'
import { boxOf, type AccountPart } from './account-part.ts'

/** Octets of a row: UID, `m`, the larger MODSEQ, the number of its keywords, and bits, of which there are four octets. */
const rowOctets = 36

/**
 * At most `limit` rows of a mailbox with UID from `fromUid` up. They come as one value: a hundred thousand rows as the driver
 * reads them would take a second.
 */
export function readSnapshot(
  part: AccountPart,
  mailbox: MailboxId,
  fromUid: number,
  limit: number,
): Promise<SnapshotColumns> {
  return part.turns.read(async () => {
    await part.keywords.load()
    const [packed] =
      (await part.db.get<[Buffer | null]>(
        `select string_agg(
           int8send(r.uid) || int8send(r.m) || int8send(r.mod_seq) || int8send(r.keywords) || int4send(r.bits),
           '' order by r.uid)
         from (
           select e.uid, e.m, greatest(m.mod_seq, e.mod_seq) as mod_seq, m.keywords,
             m.bits + case when e.deleted then ${FlagBit.deleted} else 0 end as bits
           from membership e join message m on m.m = e.m
           where e.box = ${boxOf} and e.uid >= $3 order by e.uid limit $4) r`,
        part.account,
        mailbox,
        fromUid,
        limit,
      )) ?? []
    return unpacked(part, packed ?? Buffer.alloc(0))
  })
}

function unpacked(part: AccountPart, packed: Buffer): SnapshotColumns {
  const rows = packed.length / rowOctets
  const uids = new Uint32Array(rows)
  const keys = new Uint32Array(rows)
  const bits = new Uint32Array(rows)
  const modSeqs = new Float64Array(rows)
  const keywords = new Map<number, readonly string[]>()
  for (let index = 0, at = 0; index < rows; index++, at += rowOctets) {
    uids[index] = packed.readUInt32BE(at + 4)
    // The upper half of `m` is the account.
    keys[index] = packed.readUInt32BE(at + 12)
    modSeqs[index] = wholeAt(packed, at + 16)
    const words = wholeAt(packed, at + 24)
    if (words !== 0) keywords.set(index, part.keywords.words(words))
    bits[index] = packed.readUInt32BE(at + 32)
  }
  return { uids, keys, bits, modSeqs, keywords }
}

/** Eight octets; below 2^53, as all our numbers are. */
function wholeAt(octets: Buffer, at: number): number {
  return octets.readUInt32BE(at) * 2 ** 32 + octets.readUInt32BE(at + 4)
}

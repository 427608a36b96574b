import { FlagBit } from '#mail/flags.ts'
import type { Database } from './database.ts'
import { pause } from '../pause.ts'

export interface MailboxCount {
  messages: number
  unseen: number
  deleted: number
  /** Undefined while some message is not hydrated. */
  sizeBytes: number | undefined
}

/** Rows counted at one go: some 20 ms. */
const sliceRows = 50_000

/**
 * Counts a mailbox in slices. When a commit came in between, which `commits` tells, it is counted again without a pause,
 * so that the figures are of one moment.
 */
export async function countMailbox(db: Database, box: number, commits: () => number): Promise<MailboxCount> {
  const before = commits()
  let total: Slice = { ...empty }
  let from = 0
  while (from !== Infinity) {
    if (from > 0) await pause()
    if (commits() !== before) return finished(countSlice(db, box, 0, -1))
    const slice = countSlice(db, box, from, sliceRows)
    total = add(total, slice)
    from = slice.messages < sliceRows ? Infinity : slice.lastUid + 1
  }
  return finished(total)
}

interface Slice {
  readonly messages: number
  readonly unseen: number
  readonly deleted: number
  readonly sized: number
  readonly sizeBytes: number
  readonly lastUid: number
}

const empty: Slice = { messages: 0, unseen: 0, deleted: 0, sized: 0, sizeBytes: 0, lastUid: 0 }

/** A limit of -1 is none. */
function countSlice(db: Database, box: number, from: number, limit: number): Slice {
  const [messages, unseen, deleted, sized, sizeBytes, lastUid] = db.get<
    [number, number, number, number, number, number]
  >(
    `select count(*), coalesce(sum((f.bits & ${FlagBit.seen}) = 0), 0), coalesce(sum(e.deleted), 0), count(m.size_bytes),
       coalesce(sum(m.size_bytes), 0), coalesce(max(e.uid), 0)
     from (select uid, m, deleted from membership where box = ? and uid >= ? order by uid limit ?) e
     cross join message m on m.m = e.m cross join flags f on f.m = e.m`,
    box,
    from,
    limit,
  ) ?? [0, 0, 0, 0, 0, 0]
  return { messages, unseen, deleted, sized, sizeBytes, lastUid }
}

function add(a: Slice, b: Slice): Slice {
  return {
    messages: a.messages + b.messages,
    unseen: a.unseen + b.unseen,
    deleted: a.deleted + b.deleted,
    sized: a.sized + b.sized,
    sizeBytes: a.sizeBytes + b.sizeBytes,
    lastUid: b.lastUid,
  }
}

function finished({ messages, unseen, deleted, sized, sizeBytes }: Slice): MailboxCount {
  return { messages, unseen, deleted, sizeBytes: sized === messages ? sizeBytes : undefined }
}

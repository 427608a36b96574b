import { FlagBit } from '#mail/flags.ts'
import type { MailboxId } from '#mail/ids.ts'
import { boxOf, type AccountPart } from './account-part.ts'

export interface MailboxCount {
  messages: number
  unseen: number
  deleted: number
  /** Undefined while some message is not hydrated. */
  sizeBytes: number | undefined
}

/** Counts a mailbox in one statement: the figures are of one moment. */
export async function countMailbox(part: AccountPart, mailbox: MailboxId): Promise<MailboxCount> {
  const [messages, unseen, deleted, sized, sizeBytes] = (await part.get<
    [number, number, number, number, number]
  >(
    `select count(*), count(*) filter (where (m.bits & ${FlagBit.seen}) = 0), count(*) filter (where e.deleted),
       count(m.size_bytes), coalesce(sum(m.size_bytes), 0)::bigint
     from membership e join message m on m.m = e.m where e.box = ${boxOf}`,
    part.account,
    mailbox,
  )) ?? [0, 0, 0, 0, 0]
  return { messages, unseen, deleted, sizeBytes: sized === messages ? sizeBytes : undefined }
}

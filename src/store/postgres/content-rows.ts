import type { MessageKey } from '#mail/ids.ts'
import { encodeContent } from '../content-codec.ts'
import { purposes } from '../purposes.ts'
import type { MessageContent } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { numbers, octets } from './array-literals.ts'
import { chunksOf } from './chunks.ts'
import type { Transaction } from './database.ts'

/** Each is some kilobytes. */
const rowsPerStatement = 100

/** What is kept of a message. */
export type ContentKind = 'content' | 'header' | 'sieve'

/** Content of messages that are known; others are left out. Inside a transaction. */
export async function applyContent(
  part: AccountPart,
  tx: Transaction,
  contents: readonly MessageContent[],
): Promise<void> {
  for await (const some of chunksOf(contents, rowsPerStatement)) {
    const list = [...new Map(some.map((row) => [row.key, row])).values()]
    const sealed = (kind: ContentKind, key: MessageKey, plain: Uint8Array) =>
      part.seal.seal(plain, purposes[kind](part.account, key))
    await tx.run(
      `with given as (
         select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])
           r(m, internal_date, size_bytes, content, header, sieve)
       ), known as (
         update message m set hydrated = true, internal_date = r.internal_date, size_bytes = r.size_bytes
         from given r where m.m = r.m returning m.m
       )
       insert into content as c select r.m, r.content, r.header, r.sieve from given r join known on known.m = r.m
       on conflict (m) do update set content = excluded.content, header = excluded.header,
         sieve = coalesce(excluded.sieve, c.sieve)`,
      part.ms(list.map(({ key }) => key)),
      numbers(list.map(({ internalDate }) => internalDate)),
      numbers(list.map(({ sizeBytes }) => sizeBytes)),
      octets(
        list.map(({ key, snippet, summary }) => sealed('content', key, encodeContent(snippet, summary))),
      ),
      octets(list.map(({ key, header }) => sealed('header', key, header))),
      octets(list.map(({ key, sieve }) => (sieve === undefined ? undefined : sealed('sieve', key, sieve)))),
    )
  }
}

/** Opens what `applyContent` sealed. Throws StoreError `damaged`. */
export function openContent(part: AccountPart, kind: ContentKind, key: MessageKey, sealed: Buffer): Buffer {
  return part.seal.open(sealed, purposes[kind](part.account, key))
}

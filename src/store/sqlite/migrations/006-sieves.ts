import type { Migration } from '../migration.ts'

/** Sealed text sieves of messages (mail/mime/text-sieve.ts). A message without one may hold any text. */
export const sieves: Migration = {
  version: 6,
  name: 'sieves',
  sql: 'create table sieve (m integer primary key references message (m) on delete cascade, sealed blob not null);',
}

import type { Migration } from '../migration.ts'

/** Copies that clients put into Sent: hashes and ids, no content. See ../../sent-copies.ts. */
export const sentCopies: Migration = {
  version: 5,
  name: 'sent-copies',
  sql: `
alter table send add column likeness blob;
create table sent_copy (
  account integer not null, message_id text not null, message_id_hash blob, likeness blob not null, flags blob not null,
  at integer not null, settled integer not null default 0, primary key (account, message_id)
) without rowid;
create index sent_copy_open on sent_copy (account) where settled = 0 and message_id_hash is not null;
`,
}

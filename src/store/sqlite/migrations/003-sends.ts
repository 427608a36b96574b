import type { Migration } from '../migration.ts'

/** What was sent: hashes, states and ids, no content. See ../../sends.ts. */
export const sends: Migration = {
  version: 3,
  name: 'sends',
  sql: `
create table send (
  account integer not null, key blob not null, message_id_hash blob, state text not null, at integer not null,
  history_id text, message_id text, primary key (account, key)
) without rowid;
create index send_by_message_id_hash on send (account, message_id_hash, at) where state = 'sent';
create index send_by_message on send (account, message_id) where message_id is not null;
create index send_unsettled on send (account) where state in ('sending', 'unknown');
`,
}

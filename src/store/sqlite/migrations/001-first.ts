import type { Migration } from '../migration.ts'

/**
 * `m` is account · 2^32 + MessageKey, so that a message is found by rowid; `box` is the number of a mailbox and `list`
 * of a label's listing, unique over all accounts. `sealed` columns are opened with the purposes in ../purposes.ts.
 */
export const first: Migration = {
  version: 1,
  name: 'first',
  sql: `
create table account (
  id integer primary key autoincrement, lookup blob unique, sealed blob not null, created_at integer not null,
  removed integer not null default 0
);
create table secret (
  account integer not null, name text not null, sealed blob not null, primary key (account, name)
) without rowid;
create table client_password (
  id integer primary key autoincrement, account integer not null, lookup blob not null, sealed blob not null,
  sealed_use blob, unique (account, lookup)
);
create table sync (
  account integer primary key, phase text not null, history_id text, mod_seq integer not null, next_key integer not null
);
create table label_list (account integer primary key, sealed blob not null);
create table mailbox (
  box integer primary key autoincrement, account integer not null, id integer not null, label text not null,
  uid_validity integer not null, uid_next integer not null, highest_mod_seq integer not null, whole integer not null,
  subscribed integer not null, gone integer not null, unique (account, id)
);
create table keyword_set (id integer primary key autoincrement, account integer not null, sealed blob not null);
create index keyword_set_by_account on keyword_set (account);
create table message (
  m integer primary key, account integer not null, message_id text not null, thread_id text not null,
  bits integer not null, keywords integer not null, mod_seq integer not null, hydrated integer not null,
  internal_date integer, size_bytes integer, unique (account, message_id)
);
create index message_unhydrated on message (account, length(message_id), message_id) where hydrated = 0;
create table content (
  m integer primary key references message (m) on delete cascade, sealed blob not null
);
create table header (
  m integer primary key references message (m) on delete cascade, sealed blob not null
);
create table membership (
  box integer not null, uid integer not null, m integer not null references message (m), deleted integer not null,
  mod_seq integer not null, primary key (box, uid)
) without rowid;
create unique index membership_by_message on membership (m, box);
create table vanished (
  box integer not null, mod_seq integer not null, uid integer not null, primary key (box, mod_seq, uid)
) without rowid;
create table listing (
  list integer primary key autoincrement, account integer not null, label text not null, page_token text,
  stage text, staged integer not null default 0, unique (account, label)
);
create table staged (
  list integer not null, n integer not null, message_id text not null, thread_id text not null, primary key (list, n)
) without rowid;
create unique index staged_by_message on staged (list, message_id);
create table garbage (kind text not null, number integer not null, primary key (kind, number)) without rowid;
`,
}

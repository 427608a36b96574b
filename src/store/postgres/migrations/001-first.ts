import type { Migration } from '../migration.ts'

/**
 * `m` is account · 2^32 + MessageKey; `box` is the number of a mailbox and `list` of a label's listing, unique over all
 * accounts. Sealed columns are opened with the purposes in ../../purposes.ts; they do not compress. Ids are compared by their
 * octets. `state` has one row: `writes` counts all transactions, `commits` those that give UIDs.
 */
export const first: Migration = {
  version: 1,
  name: 'first',
  sql: `
create table state (
  one boolean primary key default true check (one), database text not null, fingerprint text not null default '',
  writes bigint not null default 0, commits bigint not null default 0, uid_validity bigint not null default 0,
  last_account bigint not null default 0, lookup_key bytea, probed_at bigint
);
create table account (
  id bigint primary key, lookup bytea unique, sealed bytea not null, created_at bigint not null,
  removed boolean not null default false
);
create table secret (
  account bigint not null, name text collate "C" not null, sealed bytea not null, primary key (account, name)
);
create table client_password (
  id bigint generated always as identity primary key, account bigint not null, lookup bytea not null,
  sealed bytea not null, sealed_use bytea, unique (account, lookup)
);
create table sync (
  account bigint primary key, phase text not null default 'unsynced', history_id text,
  mod_seq bigint not null default 0, next_key bigint not null default 1
);
create table label_list (account bigint primary key, sealed bytea not null);
create table subscription (account bigint primary key, sealed bytea not null);
create table mailbox (
  box bigint generated always as identity primary key, account bigint not null, id bigint not null,
  label text collate "C" not null, uid_validity bigint not null, uid_next bigint not null,
  highest_mod_seq bigint not null, whole boolean not null, subscribed boolean not null, gone boolean not null,
  unique (account, id)
);
create table keyword_set (
  id bigint generated always as identity primary key, account bigint not null, sealed bytea not null
);
create index keyword_set_by_account on keyword_set (account);
create table message (
  m bigint primary key, account bigint not null, message_id text collate "C" not null,
  thread_id text collate "C" not null, bits integer not null, keywords bigint not null, mod_seq bigint not null,
  hydrated boolean not null, internal_date bigint, size_bytes bigint, unique (account, message_id)
) with (fillfactor = 90);
create index message_unhydrated on message (account, length(message_id), message_id) where not hydrated;
create table content (
  m bigint primary key references message (m) on delete cascade, content bytea not null, header bytea not null,
  sieve bytea
);
alter table content alter content set storage external, alter header set storage external,
  alter sieve set storage external;
create table popped (
  m bigint primary key references message (m) on delete cascade, deleted boolean not null
);
create table membership (
  box bigint not null, uid bigint not null, m bigint not null references message (m), deleted boolean not null,
  mod_seq bigint not null, primary key (box, uid)
);
create unique index membership_by_message on membership (m, box);
create table vanished (
  box bigint not null, mod_seq bigint not null, uid bigint not null, primary key (box, mod_seq, uid)
);
create table listing (
  list bigint generated always as identity primary key, account bigint not null, label text collate "C" not null,
  page_token text, stage text, staged bigint not null default 0, unique (account, label)
);
create table staged (
  list bigint not null, n bigint not null, message_id text collate "C" not null,
  thread_id text collate "C" not null, primary key (list, n)
);
create unique index staged_by_message on staged (list, message_id);
create table garbage (kind text not null, number bigint not null, primary key (kind, number));
create table send (
  account bigint not null, key bytea not null, message_id_hash bytea, likeness bytea, state text not null,
  at bigint not null, history_id text, message_id text collate "C", primary key (account, key)
);
create index send_by_message_id_hash on send (account, message_id_hash, at) where state = 'sent';
create index send_by_message on send (account, message_id) where message_id is not null;
create index send_unsettled on send (account) where state in ('sending', 'unknown');
create table sent_copy (
  account bigint not null, message_id text collate "C" not null, message_id_hash bytea, likeness bytea not null,
  flags bytea not null, at bigint not null, settled boolean not null default false, primary key (account, message_id)
);
create index sent_copy_open on sent_copy (account) where not settled and message_id_hash is not null;
`,
}

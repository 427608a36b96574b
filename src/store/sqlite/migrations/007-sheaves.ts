import type { Migration } from '../migration.ts'

/**
 * Content, headers and sieves of sixteen messages in one sealed value each: opening a value costs as much as a kilobyte in
 * it. `sheaf` is `m` divided by sixteen; `members` has a bit for each message whose values count, so that forgetting one
 * rewrites nothing. See ../sheaves.ts.
 */
export const sheaves: Migration = {
  version: 7,
  name: 'sheaves',
  sql: `
create table sheaf (sheaf integer primary key, members integer not null);
create table sheaf_content (
  sheaf integer primary key references sheaf (sheaf) on delete cascade, sealed blob not null
);
create table sheaf_header (
  sheaf integer primary key references sheaf (sheaf) on delete cascade, sealed blob not null
);
create table sheaf_sieve (
  sheaf integer primary key references sheaf (sheaf) on delete cascade, sealed blob not null
);
`,
}

import type { Migration } from '../migration.ts'

/**
 * What STORE changes, apart from what stays as it is: a thousand of these rows are four pages, a thousand of the others
 * thirty. Each message has one.
 */
export const flags: Migration = {
  version: 9,
  name: 'flags',
  sql: `
create table flags (
  m integer primary key references message (m) on delete cascade, bits integer not null, keywords integer not null,
  mod_seq integer not null
);
insert into flags select m, bits, keywords, mod_seq from message order by m;
alter table message drop column bits;
alter table message drop column keywords;
alter table message drop column mod_seq;
`,
}

import type { Migration } from '../migration.ts'

/** What POP3 sessions are done with; `deleted` is 1 where DELE said so. */
export const popped: Migration = {
  version: 2,
  name: 'popped',
  sql: `
create table popped (
  m integer primary key references message (m) on delete cascade, deleted integer not null
);
`,
}

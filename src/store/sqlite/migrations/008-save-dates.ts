import type { Migration } from '../migration.ts'

/**
 * When messages came into a mailbox: a row holds for its UID and those after it, up to the next row's. `at` is in epoch
 * milliseconds, null where it is not known.
 */
export const saveDates: Migration = {
  version: 8,
  name: 'save-dates',
  sql: `
create table save_date (box integer not null, uid integer not null, at integer, primary key (box, uid)) without rowid;
`,
}

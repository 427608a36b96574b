import type { Migration } from '../migration.ts'

/** What clients said of names without a mailbox, sealed. See ../../subscriptions.ts. */
export const subscriptions: Migration = {
  version: 4,
  name: 'subscriptions',
  sql: 'create table subscription (account integer primary key, sealed blob not null);',
}

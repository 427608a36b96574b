import { DatabaseSync } from 'node:sqlite'

/** Makes of a closed store's file one of schema 8: flags stand in the rows of the messages. */
export function asBeforeFlags(path: string): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  db.exec(`
    alter table message add column bits integer not null default 0;
    alter table message add column keywords integer not null default 0;
    alter table message add column mod_seq integer not null default 0;
    update message set (bits, keywords, mod_seq) = (select bits, keywords, mod_seq from flags f where f.m = message.m);
    drop table flags;
    delete from migration where version >= 9`)
  db.close()
}

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

const schema = `
create table if not exists setting (name text primary key, value text not null) without rowid;
create table if not exists label (
  l integer primary key autoincrement, id text not null unique, name text not null, folded text not null unique, type text not null,
  message_list text, label_list text, color text
);
create table if not exists message (
  n integer primary key autoincrement, id text not null unique, thread text not null, date integer not null,
  size integer not null, estimate integer not null, history integer not null, hidden integer not null,
  message_id text not null, added_at integer not null, snippet text, attached integer not null default 0,
  trashed_from text
);
create index if not exists message_by_date on message (hidden, date, n);
create index if not exists message_by_any_date on message (date, n);
create index if not exists message_by_thread on message (thread, date);
create index if not exists message_by_message_id on message (message_id);
create table if not exists raw (n integer primary key, bytes blob not null);
create table if not exists message_label (
  l integer not null, date integer not null, n integer not null, primary key (l, date, n)
) without rowid;
create index if not exists label_by_message on message_label (n, l);
create table if not exists thread_key (
  key text not null, subject text not null, thread text not null, primary key (key, subject)
) without rowid;
create table if not exists draft (id text primary key, n integer not null unique) without rowid;
create table if not exists history (
  id integer primary key, kind integer not null, message text not null, thread text not null,
  changed text not null, labels text not null, at integer not null
);
create virtual table if not exists search using fts5 (
  sender, recipient, cc, bcc, subject, body, list, delivered, filename,
  content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
`

/** The first row, if there is one. */
type First<Row> = Row | undefined

/** One mailbox's state in SQLite. Statements are prepared once. */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #depth = 0

  /** `path` is a file or `:memory:`. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path)
    // WAL with NORMAL survives a kill of the process, which is what restarts need.
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000;')
    this.#db.exec(schema)
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): First<Row> {
    return this.#prepare(sql).get(...values) as First<Row>
  }

  /** Returns the rowid of the last insert. */
  run(sql: string, ...values: SQLInputValue[]): number {
    const statement = this.#prepare(sql)
    // The full-text table keeps rowids of its own past 2^53, and a deletion from it leaves one as the last.
    statement.setReadBigInts(true)
    return Number(statement.run(...values).lastInsertRowid)
  }

  /** The first column of the first row, a number. */
  count(sql: string, ...values: SQLInputValue[]): number {
    return this.get<{ c: number }>(sql, ...values)?.c ?? 0
  }

  /** All or nothing; one inside another is part of the outer one. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#db.exec('begin immediate')
    this.#depth += 1
    try {
      const result = work()
      this.#db.exec('commit')
      return result
    } catch (error) {
      this.#db.exec('rollback')
      throw error
    } finally {
      this.#depth -= 1
    }
  }

  setting(name: string): string | undefined {
    return this.get<{ value: string }>('select value from setting where name = ?', name)?.value
  }

  saveSetting(name: string, value: string): void {
    this.run(
      'insert into setting values (?, ?) on conflict do update set value = excluded.value',
      name,
      value,
    )
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      // Searches make statements of many shapes; the oldest go.
      if (this.#statements.size >= 500) this.#statements.delete(this.#statements.keys().next().value ?? '')
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

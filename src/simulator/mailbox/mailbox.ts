import { choices } from '../choices.ts'
import { addressesIn, baseSubject, messageIdsIn } from '../mime/addresses.ts'
import { decodeWords } from '../mime/encoded-words.ts'
import { endOfHeader, headerValue, parseHeaders, type Header } from '../mime/headers.ts'
import { parseMessage } from '../mime/part.ts'
import { plainSnippet } from '../mime/snippet.ts'
import type { IdSource, SeededRandom } from '../surroundings.ts'
import { Database } from './database.ts'
import { LabelBook, type LabelRow } from './labels.ts'

/** A message as it is stored, without its octets and labels. */
export interface MessageRow {
  /** Its number in the tables, growing. */
  n: number
  id: string
  thread: string
  /** Epoch milliseconds. */
  date: number
  /** Octets of raw. */
  size: number
  /** Octets if lines ended in LF: what sizeEstimate says, to be near the truth and not it. */
  estimate: number
  history: number
  /** 1 in spam or trash. */
  hidden: number
  message_id: string
  added_at: number
  snippet: string | null
  trashed_from: string | null
}

export interface NewMessage {
  raw: Buffer
  /** Label ids that exist. */
  labels: readonly string[]
  /** Epoch milliseconds. */
  date: number
  /** A thread that exists; without it the message is threaded by its headers. */
  thread?: string | undefined
  /** A draft that exists and has this message from now on. A message with DRAFT and without this begins a new draft. */
  draft?: string | undefined
}

/** Something changed in a mailbox. It has been committed, or is about to be with what the same call changes besides. */
export interface MailboxEvent {
  address: string
  kind: 'added' | 'deleted' | 'labels'
  messageId: string
  historyId: number
}

export const historyKinds = ['messageAdded', 'messageDeleted', 'labelAdded', 'labelRemoved'] as const
const [added, deleted, labelAdded, labelRemoved] = [0, 1, 2, 3]

/** Before the first change. Real ones have six digits and more. */
const firstHistoryId = 590_000
const referenceLimit = 50

export interface MailboxSurroundings {
  now(): number
  ids: IdSource
  random: SeededRandom
  changed(event: MailboxEvent): void
}

/** One person's mail: messages, labels, threads and the history of their changes. */
export class Mailbox {
  readonly address: string
  readonly db: Database
  readonly labels: LabelBook
  readonly #around: MailboxSurroundings
  #historyId: number
  #historyFloor: number

  constructor(address: string, path: string, around: MailboxSurroundings) {
    this.address = address
    this.db = new Database(path)
    this.labels = new LabelBook(this.db)
    this.#around = around
    const saved = Number(this.db.setting('historyId') ?? firstHistoryId)
    this.#historyId = Math.max(saved, this.db.count('select max(id) c from history'))
    this.#historyFloor = Number(this.db.setting('historyFloor') ?? firstHistoryId)
  }

  get historyId(): number {
    return this.#historyId
  }

  /** History ids below it have been forgotten. */
  get historyFloor(): number {
    return this.#historyFloor
  }

  now(): number {
    return this.#around.now()
  }

  find(id: string): MessageRow | undefined {
    return this.db.get<MessageRow>('select * from message where id = ?', id)
  }

  byNumber(n: number): MessageRow | undefined {
    return this.db.get<MessageRow>('select * from message where n = ?', n)
  }

  inThread(thread: string): MessageRow[] {
    return this.db.all<MessageRow>('select * from message where thread = ? order by date, n', thread)
  }

  raw(row: MessageRow): Buffer {
    const bytes = this.db.get<{ bytes: Uint8Array }>('select bytes from raw where n = ?', row.n)?.bytes
    return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0)
  }

  /** The message's labels in the order in which Gmail names them. */
  labelsOf(n: number): LabelRow[] {
    const rows = this.db.all<{ l: number }>('select l from message_label where n = ? order by l', n)
    return rows.flatMap((row) => this.labels.byNumber(row.l) ?? [])
  }

  labelIdsOf(n: number): string[] {
    return this.labelsOf(n).map((label) => label.id)
  }

  draft(id: string): MessageRow | undefined {
    return this.db.get<MessageRow>('select m.* from draft d join message m on m.n = d.n where d.id = ?', id)
  }

  /** The message's text in a line, not escaped; made once. */
  snippet(row: MessageRow): string {
    if (row.snippet !== null) return row.snippet
    const raw = this.raw(row)
    const snippet = plainSnippet(raw, parseMessage(raw), choices.snippetLength)
    this.db.run('update message set snippet = ? where n = ?', snippet, row.n)
    row.snippet = snippet
    return snippet
  }

  draftIdOf(n: number): string | undefined {
    return this.db.get<{ id: string }>('select id from draft where n = ?', n)?.id
  }

  add(message: NewMessage): MessageRow {
    const { raw, date } = message
    const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
    const labels = [...new Set(message.labels)].map((id) => this.labels.require(id)).sort((a, b) => a.l - b.l)
    const hidden = labels.some((label) => label.id === 'SPAM' || label.id === 'TRASH') ? 1 : 0
    const messageId = messageIdsIn(headerValue(headers, 'message-id') ?? '')[0] ?? ''
    return this.db.transaction(() => {
      const id = this.#around.ids.next()
      const thread = this.#thread(id, message.thread, messageId, headers)
      const n = this.db.run(
        'insert into message (id, thread, date, size, estimate, history, hidden, message_id, added_at) ' +
          'values (?, ?, ?, ?, ?, 0, ?, ?, ?)',
        id,
        thread,
        date,
        raw.length,
        raw.length - countLines(raw),
        hidden,
        messageId,
        this.now(),
      )
      this.db.run('insert into raw values (?, ?)', n, raw)
      for (const label of labels) this.db.run('insert into message_label values (?, ?, ?)', label.l, date, n)
      const ids = labels.map((label) => label.id)
      if (ids.includes('DRAFT'))
        this.db.run(
          'insert into draft values (?, ?) on conflict (id) do update set n = excluded.n',
          message.draft ?? this.#newDraftId(),
          n,
        )
      const history = this.#record(added, { id, thread, n }, [], ids)
      return {
        n,
        id,
        thread,
        date,
        size: raw.length,
        estimate: raw.length - countLines(raw),
        history,
        hidden,
        message_id: messageId,
        added_at: this.now(),
        snippet: null,
        trashed_from: null,
      }
    })
  }

  /** What is added already, or removed and not there, is no change and no history. Returns what was changed. */
  changeLabels(
    row: MessageRow,
    add: readonly LabelRow[],
    remove: readonly LabelRow[],
  ): { added: string[]; removed: string[] } {
    return this.db.transaction(() => {
      const present = new Map(this.labelsOf(row.n).map((label) => [label.l, label]))
      const toAdd = [...new Set(add)].filter((label) => !present.has(label.l))
      const toRemove = [...new Set(remove)].filter((label) => present.has(label.l))
      for (const label of toAdd) {
        this.db.run('insert into message_label values (?, ?, ?)', label.l, row.date, row.n)
        present.set(label.l, label)
      }
      const named = () => [...present.values()].sort((a, b) => a.l - b.l).map((label) => label.id)
      const addedIds = toAdd.map((label) => label.id)
      const removedIds = toRemove.map((label) => label.id)
      if (toAdd.length > 0) this.#record(labelAdded, row, addedIds, named())
      for (const label of toRemove) {
        this.db.run('delete from message_label where l = ? and date = ? and n = ?', label.l, row.date, row.n)
        present.delete(label.l)
      }
      if (toRemove.length > 0) this.#record(labelRemoved, row, removedIds, named())
      const hidden = named().some((id) => id === 'SPAM' || id === 'TRASH') ? 1 : 0
      if (hidden !== row.hidden) this.db.run('update message set hidden = ? where n = ?', hidden, row.n)
      row.hidden = hidden
      return { added: addedIds, removed: removedIds }
    })
  }

  /** For ever. */
  remove(row: MessageRow): void {
    this.db.transaction(() => {
      const labels = this.labelIdsOf(row.n)
      this.db.run('delete from message_label where n = ?', row.n)
      this.db.run('delete from raw where n = ?', row.n)
      this.db.run('delete from draft where n = ?', row.n)
      this.db.run('delete from message where n = ?', row.n)
      if (row.n <= Number(this.db.setting('indexedTo') ?? '0'))
        this.db.run('delete from search where rowid = ?', row.n)
      this.#record(deleted, row, [], labels)
    })
  }

  /** The label goes from the list and from all messages; the history says nothing of it (fact sheet section 2.9). */
  removeLabel(id: string): void {
    this.db.transaction(() => {
      const { l } = this.labels.require(id)
      this.labels.remove(id)
      this.db.run('delete from message_label where l = ?', l)
    })
  }

  rememberTrashedFrom(row: MessageRow, labels: readonly string[] | undefined): void {
    this.db.run('update message set trashed_from = ? where n = ?', labels ? labels.join(' ') : null, row.n)
  }

  /** Everything before the present is forgotten: an older startHistoryId is a 404. */
  expireHistory(upTo = this.#historyId): void {
    this.db.transaction(() => {
      // The floor itself is the oldest id that still works: a client that knows the present has lost nothing.
      this.#historyFloor = Math.max(this.#historyFloor, upTo)
      this.db.run('delete from history where id <= ?', upTo)
      this.db.saveSetting('historyFloor', String(this.#historyFloor))
      this.db.saveSetting('historyId', String(this.#historyId))
    })
  }

  /** The clients' knowledge is out of date even if nothing happened since: the present id moves on. */
  skipHistory(): void {
    this.#historyId = this.#nextHistoryId()
    this.db.saveSetting('historyId', String(this.#historyId))
  }

  close(): void {
    this.db.close()
  }

  /** Like `r-5148203517261848571` or `r91…`: fact sheet section 2.8. */
  #newDraftId(): string {
    return `r${this.#around.random.bytes(8).readBigInt64BE()}`
  }

  #nextHistoryId(): number {
    return this.#historyId + 1 + this.#around.random.below(12)
  }

  #record(
    kind: number,
    message: { id: string; thread: string; n: number },
    changed: readonly string[],
    labels: readonly string[],
  ): number {
    const history = this.#nextHistoryId()
    this.#historyId = history
    this.db.run(
      'insert into history values (?, ?, ?, ?, ?, ?, ?)',
      history,
      kind,
      message.id,
      message.thread,
      changed.join(' '),
      labels.join(' '),
      this.now(),
    )
    if (kind !== deleted) this.db.run('update message set history = ? where n = ?', history, message.n)
    this.#around.changed({
      address: this.address,
      kind: kind === added ? 'added' : kind === deleted ? 'deleted' : 'labels',
      messageId: message.id,
      historyId: history,
    })
    return history
  }

  /** By References and In-Reply-To, if the subject is the same; else a thread of its own. Fact sheet section 2.5. */
  #thread(id: string, wanted: string | undefined, messageId: string, headers: readonly Header[]): string {
    const subject = baseSubject(decodeWords(headerValue(headers, 'subject') ?? '')).slice(0, 500)
    const references = [
      ...messageIdsIn(headerValue(headers, 'references') ?? '').slice(-referenceLimit),
      ...messageIdsIn(headerValue(headers, 'in-reply-to') ?? '').slice(0, referenceLimit),
    ]
    const keys = [...new Set([messageId, ...references])]
      .filter((key) => key !== '')
      .map((key) => key.slice(0, 1000))
    let thread = wanted
    for (const key of keys) {
      if (thread !== undefined) break
      const known = this.db.get<{ thread: string }>(
        'select thread from thread_key k where key = ? and subject = ? and exists (select 1 from message where thread = k.thread)',
        key,
        subject,
      )
      thread = known?.thread
    }
    thread ??= id
    for (const key of keys)
      this.db.run('insert or replace into thread_key values (?, ?, ?)', key, subject, thread)
    return thread
  }
}

function countLines(raw: Buffer): number {
  let lines = 0
  for (let at = raw.indexOf(10); at >= 0; at = raw.indexOf(10, at + 1)) lines += 1
  return lines
}

/** True when the From header of the message names this address. */
export function isFrom(raw: Buffer, address: string): boolean {
  const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
  return addressesIn(headerValue(headers, 'from') ?? '').includes(address.toLowerCase())
}

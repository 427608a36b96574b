import { choices } from '../choices.ts'
import { GmailError, invalidArgument, notFound } from '../errors.ts'
import type { Database } from './database.ts'

/** A label as it is stored. `l` is its short number in other tables. */
export interface LabelRow {
  l: number
  id: string
  name: string
  type: 'system' | 'user'
  message_list: string | null
  label_list: string | null
  color: string | null
}

/** System labels, ids being names, in the order in which messages name them (fact sheet sections 2.6 and 2.9). */
const systemLabels = [
  'UNREAD',
  'SENT',
  'DRAFT',
  'TRASH',
  'SPAM',
  'CHAT',
  'STARRED',
  'IMPORTANT',
  'CATEGORY_PERSONAL',
  'CATEGORY_SOCIAL',
  'CATEGORY_PROMOTIONS',
  'CATEGORY_UPDATES',
  'CATEGORY_FORUMS',
  'INBOX',
] as const

/** What a client cannot put on or take off a message. Fact sheet section 2.7. */
const immovable = new Set(['SENT', 'DRAFT', 'CHAT'])

/** Fact sheet section 2.9, without regard to case. */
const reservedNames = new Set(
  (
    'inbox spam trash unread starred important sent draft drafts chat chats migrated todo todos buzz bin allmail ' +
    'archive archived muted voicemail arxiv'
  ).split(' '),
)

/** What people call the folders that Gmail names otherwise. */
const aliases = new Map([
  ['draft', 'DRAFT'],
  ['drafts', 'DRAFT'],
])

const localisedNames = new Set([
  'enviado',
  'enviados',
  'da leggere',
  'papelera',
  'posta in arrivo',
  'gesendet',
])

/** The labels of one mailbox, kept in memory beside their table. */
export class LabelBook {
  readonly #db: Database
  readonly #byId = new Map<string, LabelRow>()
  readonly #byNumber = new Map<number, LabelRow>()
  readonly #byFoldedName = new Map<string, LabelRow>()

  constructor(db: Database) {
    this.#db = db
    if (db.count('select count(*) c from label') === 0) {
      db.transaction(() => {
        for (const id of systemLabels) this.#insert(id, id, 'system')
      })
    }
    for (const row of db.all<LabelRow>('select * from label')) this.#remember(row)
  }

  all(): LabelRow[] {
    return [...this.#byNumber.values()].sort((a, b) => a.l - b.l)
  }

  byId(id: string): LabelRow | undefined {
    return this.#byId.get(id)
  }

  byNumber(l: number): LabelRow | undefined {
    return this.#byNumber.get(l)
  }

  /** Without regard to case. */
  byName(name: string): LabelRow | undefined {
    return this.#byFoldedName.get(foldName(name))
  }

  /** Throws GmailError 404. */
  require(id: string): LabelRow {
    const row = this.#byId.get(id)
    if (!row) throw notFound()
    return row
  }

  /** A new user label; throws GmailError 400 or 409. */
  create(
    name: string,
    visibility: { messageList?: string; labelList?: string; color?: object } = {},
  ): LabelRow {
    return this.#createUnchecked(this.#checkName(name), visibility)
  }

  #createUnchecked(
    name: string,
    visibility: { messageList?: string; labelList?: string; color?: object },
  ): LabelRow {
    if (this.#byId.size >= choices.labelsPerMailbox) throw invalidArgument('Too many labels')
    const number = Number(this.#db.setting('nextLabel') ?? '1')
    this.#db.saveSetting('nextLabel', String(number + 1))
    return this.#insert(`Label_${number}`, name, 'user', visibility)
  }

  /**
   * A label for a name, made when there is none; for seeding and deliveries. Ids and names of system labels work, and
   * so do names that the API refuses today: mailboxes have labels that are older than the rule (a folder `Archive`).
   */
  ensure(name: string): LabelRow {
    const clean = name
      .normalize('NFC')
      .replaceAll(/[\0-\x1f\x7f]/g, '_')
      .trim()
    const same = aliases.get(foldName(clean)) ?? clean
    return this.#byId.get(same) ?? this.byName(same) ?? this.#createUnchecked(same, {})
  }

  update(
    id: string,
    change: { name?: string; messageList?: string | null; labelList?: string | null; color?: object | null },
  ): LabelRow {
    const row = this.#requireUser(id)
    const name = change.name === undefined ? row.name : this.#checkName(change.name, row)
    const next: LabelRow = {
      ...row,
      name,
      message_list: change.messageList === undefined ? row.message_list : (change.messageList ?? 'show'),
      label_list: change.labelList === undefined ? row.label_list : (change.labelList ?? 'labelShow'),
      color: change.color === undefined ? row.color : change.color && JSON.stringify(change.color),
    }
    this.#db.run(
      'update label set name = ?, folded = ?, message_list = ?, label_list = ?, color = ? where l = ?',
      next.name,
      foldName(next.name),
      next.message_list,
      next.label_list,
      next.color,
      next.l,
    )
    this.#remember(next)
    return next
  }

  /** The label goes; taking it off its messages is the mailbox's work, before. */
  remove(id: string): void {
    const row = this.#requireUser(id)
    this.#db.run('delete from label where l = ?', row.l)
    this.#byId.delete(row.id)
    this.#byNumber.delete(row.l)
    this.#byFoldedName.delete(foldName(row.name))
  }

  /** Throws GmailError 400 'Invalid label: X' for what a client may not add or remove. */
  requireMovable(id: string): LabelRow {
    const row = this.#byId.get(id)
    if (!row || immovable.has(id)) throw invalidArgument(`Invalid label: ${id}`)
    return row
  }

  #requireUser(id: string): LabelRow {
    const row = this.require(id)
    if (row.type === 'system') throw invalidArgument(`Invalid label: ${id}`)
    return row
  }

  #checkName(name: string, self?: LabelRow): string {
    const clean = name.replaceAll(/ +/g, ' ').trim()
    const folded = foldName(clean)
    const bad =
      clean === '' ||
      clean.length > choices.labelNameLength ||
      /[\0-\x1f\x7f]/.test(clean) ||
      clean.split('/').some((level) => level.trim() === '') ||
      reservedNames.has(folded) ||
      localisedNames.has(folded) ||
      this.#byFoldedName.get(folded)?.type === 'system'
    if (bad) throw invalidArgument('Invalid label name')
    const other = this.byName(clean)
    if (other && other.l !== self?.l)
      throw new GmailError(409, 'aborted', 'Label name exists or conflicts', { status: 'ABORTED' })
    return clean
  }

  #insert(
    id: string,
    name: string,
    type: 'system' | 'user',
    visibility: { messageList?: string; labelList?: string; color?: object } = {},
  ): LabelRow {
    const messageList = visibility.messageList ?? (type === 'user' ? 'show' : null)
    const labelList = visibility.labelList ?? (type === 'user' ? 'labelShow' : null)
    const color = visibility.color ? JSON.stringify(visibility.color) : null
    const l = this.#db.run(
      'insert into label (id, name, folded, type, message_list, label_list, color) values (?, ?, ?, ?, ?, ?, ?)',
      id,
      name,
      foldName(name),
      type,
      messageList,
      labelList,
      color,
    )
    const row: LabelRow = { l, id, name, type, message_list: messageList, label_list: labelList, color }
    this.#remember(row)
    return row
  }

  #remember(row: LabelRow): void {
    const before = this.#byId.get(row.id)
    if (before) this.#byFoldedName.delete(foldName(before.name))
    this.#byFoldedName.set(foldName(row.name), row)
    this.#byId.set(row.id, row)
    this.#byNumber.set(row.l, row)
  }
}

function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

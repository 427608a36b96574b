import type { LabelBook } from '../mailbox/labels.ts'
import { pacificMidnight } from './pacific-time.ts'
import type { Query } from './query.ts'

/** A condition on a row of the table message, and what goes in its place holders. */
interface Condition {
  sql: string
  values: (string | number)[]
}

export interface CompiledQuery extends Condition {
  /** The words of message texts are needed: the search index must be complete. */
  needsIndex: boolean
  /** Few messages can match (Message-ID): better found by that than in order of date. */
  narrow: boolean
  /** Spam and trash are asked for. */
  includeHidden: boolean
}

/** `alias` is the name of the row of message in the statement. */
export function compileQuery(query: Query, alias: string, labels: LabelBook, now: number): CompiledQuery {
  const compiler = new Compiler(alias, labels, now)
  const { sql, values } = compiler.compile(query)
  const narrow =
    query.kind === 'all' && query.of.some((term) => term.kind === 'operator' && term.name === 'rfc822msgid')
  return { sql, values, narrow, needsIndex: compiler.needsIndex, includeHidden: compiler.includeHidden }
}

const never: Condition = { sql: '0', values: [] }
const always: Condition = { sql: '1', values: [] }
const dayMs = 86_400_000

/** Columns of the search index that an operator looks in. */
const columns = new Map([
  ['from', 'sender'],
  ['to', 'recipient cc bcc'],
  ['cc', 'cc'],
  ['bcc', 'bcc'],
  ['subject', 'subject'],
  ['list', 'list'],
  ['deliveredto', 'delivered'],
  ['filename', 'filename'],
])

const places = new Map([
  ['inbox', 'INBOX'],
  ['sent', 'SENT'],
  ['draft', 'DRAFT'],
  ['drafts', 'DRAFT'],
  ['spam', 'SPAM'],
  ['trash', 'TRASH'],
  ['chat', 'CHAT'],
  ['chats', 'CHAT'],
  ['starred', 'STARRED'],
  ['important', 'IMPORTANT'],
  ['unread', 'UNREAD'],
])

const categories = new Map([
  ['primary', 'CATEGORY_PERSONAL'],
  ['social', 'CATEGORY_SOCIAL'],
  ['promotions', 'CATEGORY_PROMOTIONS'],
  ['updates', 'CATEGORY_UPDATES'],
  ['forums', 'CATEGORY_FORUMS'],
])

/** Links by which mail shows what it has. */
const links = new Map([
  ['drive', 'drive google com'],
  ['document', 'docs google com document'],
  ['spreadsheet', 'docs google com spreadsheets'],
  ['presentation', 'docs google com presentation'],
  ['youtube', 'youtube com'],
])

class Compiler {
  needsIndex = false
  includeHidden = false
  readonly #alias: string
  readonly #labels: LabelBook
  readonly #now: number

  constructor(alias: string, labels: LabelBook, now: number) {
    this.#alias = alias
    this.#labels = labels
    this.#now = now
  }

  compile(query: Query): Condition {
    switch (query.kind) {
      case 'all':
        return this.#join(query.of, 'and', always)
      case 'any':
        return this.#join(query.of, 'or', never)
      case 'not': {
        const inner = this.compile(query.of)
        return { sql: `not ${inner.sql}`, values: inner.values }
      }
      case 'text':
        return this.#match('', phrase(query.text))
      case 'near':
        return this.#match('', `NEAR(${phrase(query.left)} ${phrase(query.right)}, ${query.distance})`)
      case 'operator':
        return this.#operator(query.name, query.value)
    }
  }

  #join(terms: readonly Query[], word: 'and' | 'or', empty: Condition): Condition {
    if (terms.length === 0) return empty
    const conditions = terms.map((term) => this.compile(term))
    return {
      sql: `(${conditions.map((condition) => condition.sql).join(` ${word} `)})`,
      values: conditions.flatMap((condition) => condition.values),
    }
  }

  #operator(name: string, value: string): Condition {
    const column = columns.get(name)
    if (column !== undefined) return this.#match(column, phrase(value))
    switch (name) {
      case 'rfc822msgid':
        return this.#compare('message_id', '=', value.replace(/^</, '').replace(/>$/, ''))
      case 'after':
      case 'newer':
        return this.#date('>=', value)
      case 'before':
      case 'older':
        return this.#date('<', value)
      case 'newer_than':
        return this.#age('>=', value)
      case 'older_than':
        return this.#age('<', value)
      case 'larger':
      case 'size':
        return this.#size('>', value)
      case 'smaller':
        return this.#size('<', value)
      case 'has':
        return this.#has(value.toLowerCase())
      case 'category':
        return this.#labelled(categories.get(value.toLowerCase()))
      default:
        return this.#place(name, value.toLowerCase())
    }
  }

  #place(operator: string, value: string): Condition {
    if (operator === 'in' && value === 'anywhere') {
      this.includeHidden = true
      return always
    }
    if (operator === 'in' && value === 'archive')
      return this.#not('INBOX', 'SENT', 'DRAFT', 'SPAM', 'TRASH', 'CHAT')
    if (operator === 'is' && value === 'read') return this.#not('UNREAD')
    const id = places.get(value)
    if (id === 'SPAM' || id === 'TRASH') this.includeHidden = true
    if (id !== undefined) return this.#labelled(id)
    if (operator === 'is') return never
    const wanted = hyphenate(value)
    const label = this.#labels.all().find((row) => hyphenate(row.name) === wanted)
    return this.#labelled(label?.id)
  }

  #has(what: string): Condition {
    if (what === 'attachment') {
      this.needsIndex = true
      return { sql: `${this.#alias}.attached = 1`, values: [] }
    }
    if (what === 'userlabels' || what === 'nouserlabels') {
      const no = what === 'nouserlabels' ? 'not ' : ''
      return {
        sql: `${no}exists (select 1 from message_label ul join label u on u.l = ul.l where ul.n = ${this.#alias}.n and u.type = 'user')`,
        values: [],
      }
    }
    const link = links.get(what)
    if (link !== undefined) return this.#match('body', phrase(link))
    return this.#labelled(what.toUpperCase().replaceAll('-', '_'))
  }

  #labelled(id: string | undefined): Condition {
    const label = id === undefined ? undefined : this.#labels.byId(id)
    if (!label) return never
    return {
      sql: `exists (select 1 from message_label ml where ml.n = ${this.#alias}.n and ml.l = ?)`,
      values: [label.l],
    }
  }

  #not(...ids: string[]): Condition {
    const conditions = ids.map((id) => this.#labelled(id))
    return {
      sql: `not (${conditions.map((condition) => condition.sql).join(' or ')})`,
      values: conditions.flatMap((condition) => condition.values),
    }
  }

  #match(column: string, expression: string): Condition {
    this.needsIndex = true
    const match = column === '' ? expression : `{${column}} : ${expression}`
    return { sql: `${this.#alias}.n in (select rowid from search where search match ?)`, values: [match] }
  }

  #compare(column: string, operator: string, value: string | number): Condition {
    return { sql: `${this.#alias}.${column} ${operator} ?`, values: [value] }
  }

  #date(operator: '>=' | '<', value: string): Condition {
    const at = moment(value)
    return at === undefined ? never : this.#compare('date', operator, at)
  }

  #age(operator: '>=' | '<', value: string): Condition {
    const match = /^(\d{1,5})([dmy])$/i.exec(value)
    if (!match) return never
    const days = { d: 1, m: 30, y: 365 }[match[2]?.toLowerCase() ?? 'd'] ?? 1
    return this.#compare('date', operator, this.#now - Number(match[1]) * days * dayMs)
  }

  #size(operator: '>' | '<', value: string): Condition {
    const match = /^(\d{1,12})([km]?)b?$/i.exec(value)
    if (!match) return never
    const unit = { k: 1024, m: 1024 * 1024 }[match[2]?.toLowerCase() ?? ''] ?? 1
    return this.#compare('size', operator, Number(match[1]) * unit)
  }
}

/** Words in exact order, as the search index wants them; its own syntax in the text means nothing. */
function phrase(text: string): string {
  return `"${text.replaceAll(/["\0]/g, ' ')}"`
}

/** Spaces and slashes of a label's name may be written as hyphens. */
function hyphenate(name: string): string {
  return name.toLowerCase().replaceAll(/[\s/]/g, '-')
}

/** YYYY/MM/DD (or with hyphens) is midnight in California; a plain number is epoch seconds. */
function moment(value: string): number | undefined {
  const day = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})$/.exec(value)
  if (day) return pacificMidnight(Number(day[1]), Number(day[2]), Number(day[3]))
  return /^\d{1,12}$/.test(value) ? Number(value) * 1000 : undefined
}

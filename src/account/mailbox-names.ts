import type { LabelId } from '#mail/ids.ts'
import { delimiter } from '#mail/mailbox.ts'
import type { Mailbox, MailboxRole } from '#mail/mailbox.ts'
import type { LabelRow, MailboxRow } from '#store/store.ts'
import { allMail, systemLabel } from './label-rules.ts'

export interface NamingOptions {
  /** First level of Gmail's own mailboxes other than INBOX: `[Gmail]`; empty for none. */
  readonly prefix: string
  /** Show Gmail's categories (Social, Promotions …) as mailboxes. */
  readonly categories: boolean
}

const systemNames: ReadonlyMap<LabelId, readonly [name: string, role: MailboxRole]> = new Map([
  [systemLabel.sent, ['Sent Mail', 'sent']],
  [systemLabel.draft, ['Drafts', 'drafts']],
  [systemLabel.spam, ['Spam', 'junk']],
  [systemLabel.trash, ['Trash', 'trash']],
  [systemLabel.starred, ['Starred', 'flagged']],
  [systemLabel.important, ['Important', 'important']],
  [allMail, ['All Mail', 'all']],
])

const categoryNames: ReadonlyMap<string, string> = new Map([
  ['CATEGORY_PERSONAL', 'Personal'],
  ['CATEGORY_SOCIAL', 'Social'],
  ['CATEGORY_PROMOTIONS', 'Promotions'],
  ['CATEGORY_UPDATES', 'Updates'],
  ['CATEGORY_FORUMS', 'Forums'],
])

/** Whether a label is a mailbox. Labels hidden from Gmail's list are; UNREAD, CHAT, stars and circles are not. */
export function isShown(
  label: Pick<LabelRow, 'id' | 'type'>,
  options: Pick<NamingOptions, 'categories'>,
): boolean {
  if (label.type === 'user' || label.id === systemLabel.inbox || systemNames.has(label.id)) return true
  return options.categories && categoryNames.has(label.id)
}

/** All mailboxes by design.md section 3, sorted by name, missing parents included. Pure; the same for the same labels. */
export function nameMailboxes(
  labels: readonly LabelRow[],
  rows: readonly MailboxRow[],
  options: NamingOptions,
): readonly Mailbox[] {
  const byLabel = new Map(labels.map((label) => [label.id, label]))
  const alive = rows.filter((row) => !row.gone)
  const named = new Map<string, Omit<Mailbox, 'hasChildren' | 'name'>>()
  const put = (row: MailboxRow, wanted: string, role: MailboxRole | undefined) => {
    let name = wanted
    for (let n = 2; named.has(name); n++) name = `${wanted} (${n})`
    named.set(name, {
      id: row.id,
      role,
      selectable: true,
      subscribed: row.subscribed,
      labelId: row.labelId === allMail ? undefined : row.labelId,
    })
  }
  // Gmail's own names first: a user's label that wants the same name is the one to give way.
  const own = alive.filter((row) => byLabel.get(row.labelId)?.type !== 'user')
  for (const row of own) {
    const known = systemNames.get(row.labelId)
    if (row.labelId === systemLabel.inbox) put(row, 'INBOX', 'inbox')
    else if (known !== undefined) put(row, under(options.prefix, known[0]), known[1])
    else if (isShown({ id: row.labelId, type: 'system' }, options))
      put(row, under(options.prefix, `Categories/${categoryNames.get(row.labelId)}`), undefined)
  }
  const users = alive
    .flatMap((row) => {
      const label = byLabel.get(row.labelId)
      return label?.type === 'user' ? [{ row, name: levels(label.name) }] : []
    })
    .sort((a, b) => a.row.id - b.row.id)
  for (const { row, name } of users) put(row, name, undefined)

  const parents = new Set<string>()
  for (const name of named.keys())
    for (let at = name.indexOf(delimiter); at !== -1; at = name.indexOf(delimiter, at + 1))
      parents.add(name.slice(0, at))
  const missing = [...parents].filter((name) => !named.has(name))
  for (const name of missing)
    named.set(name, {
      id: undefined,
      role: undefined,
      selectable: false,
      // As Gmail has it, to whose own levels everybody is subscribed; to others somebody may subscribe.
      subscribed: name === options.prefix || name.startsWith(options.prefix + delimiter),
      labelId: undefined,
    })
  return [...named]
    .map(([name, mailbox]) => ({ ...mailbox, name, hasChildren: parents.has(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function under(prefix: string, name: string): string {
  return prefix === '' ? name : prefix + delimiter + name
}

/** The label's name as levels that can be mailbox names: none is empty, none has control characters. RFC 9051 section 5.1. */
function levels(labelName: string): string {
  const [first = '', ...rest] = labelName
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '_')
    .split(delimiter)
    .map((level) => (level === '' ? '_' : level))
  // INBOX is the one name without regard to letter case. RFC 9051 section 5.1.
  return [first.toUpperCase() === 'INBOX' ? 'INBOX' : first, ...rest].join(delimiter)
}

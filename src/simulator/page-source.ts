import type { Account, AccountBook } from './accounts.ts'
import { countMessages } from './mailbox/counts.ts'
import type { MailboxEvent, MessageRow as StoredMessage } from './mailbox/mailbox.ts'
import { endOfHeader, headerValue, parseHeaders } from './mime/headers.ts'
import type { MailboxChange, MailboxPageSource, MessageRow } from './pages/mailbox-source.ts'
import type { Quota } from './quota.ts'
import type { SimulatorClock } from './surroundings.ts'

export interface PageSurroundings {
  accounts: AccountBook
  clock: SimulatorClock
  quota: Quota
  /** Calls the listener for every change, until the returned function is called. */
  readonly onChange: (listener: (event: MailboxEvent) => void) => () => void
}

/** The mailboxes as the page at `/` sees them. */
export function createPageSource({ accounts, clock, quota, onChange }: PageSurroundings): MailboxPageSource {
  const mailboxOf = (address: string) => accounts.find(address)?.mailbox

  return {
    accounts: () => accounts.all().map(({ address }) => address),
    labels(address) {
      const mailbox = mailboxOf(address)
      return (mailbox?.labels.all() ?? []).map(({ id, name, type, l }) => ({
        id,
        name,
        type,
        ...(mailbox ? countMessages(mailbox, l) : { messagesTotal: 0, messagesUnread: 0 }),
      }))
    },
    messages(address, labelId, page) {
      const account = accounts.find(address)
      return account ? messagesOf(account, labelId, page) : { rows: [], total: 0 }
    },
    message(address, id) {
      const mailbox = mailboxOf(address)
      const row = mailbox?.find(id)
      if (!mailbox || !row) return undefined
      const labelIds = mailbox.labelIdsOf(row.n)
      return { id: row.id, threadId: row.thread, labelIds, internalDate: row.date, raw: mailbox.raw(row) }
    },
    changeLabels(address, id, add, remove) {
      const mailbox = mailboxOf(address)
      const row = mailbox?.find(id)
      if (!mailbox || !row) return false
      const known = (ids: readonly string[]) => ids.flatMap((label) => mailbox.labels.byId(label) ?? [])
      mailbox.changeLabels(row, known(add), known(remove))
      return true
    },
    deliver(address, raw) {
      const mailbox = mailboxOf(address)
      if (!mailbox) throw new RangeError(`There is no account ${address}`)
      return mailbox.add({ raw, labels: ['INBOX', 'UNREAD'], date: clock.now() }).id
    },
    subscribe: (listener: (change: MailboxChange) => void) =>
      onChange(({ address, kind, messageId }) => listener({ address, kind, messageId })),
    status: () => ({
      unitsPerMinute: quota.unitsPerMinute,
      unitsLastMinute: quota.spentLastMinute(clock.now()),
      ledger: [...quota.ledger()].map(([method, { calls, units }]) => ({ method, calls, units })),
    }),
    now: () => clock.now(),
  }
}

function messagesOf(
  { mailbox }: Account,
  labelId: string | undefined,
  { offset, limit }: { offset: number; limit: number },
): { rows: MessageRow[]; total: number } {
  const { db } = mailbox
  if (labelId === undefined) {
    const rows = db.all<StoredMessage>(
      'select * from message where hidden = 0 order by date desc, n desc limit ? offset ?',
      limit,
      offset,
    )
    return {
      rows: rows.map((row) => describe(mailbox, row)),
      total: db.count('select count(*) c from message where hidden = 0'),
    }
  }
  const label = mailbox.labels.byId(labelId)
  if (!label) return { rows: [], total: 0 }
  const rows = db.all<StoredMessage>(
    'select m.* from message_label x cross join message m on m.n = x.n where x.l = ? ' +
      'order by x.date desc, x.n desc limit ? offset ?',
    label.l,
    limit,
    offset,
  )
  return {
    rows: rows.map((row) => describe(mailbox, row)),
    total: countMessages(mailbox, label.l).messagesTotal,
  }
}

function describe(mailbox: Account['mailbox'], row: StoredMessage): MessageRow {
  const raw = mailbox.raw(row)
  const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
  return {
    id: row.id,
    threadId: row.thread,
    labelIds: mailbox.labelIdsOf(row.n),
    from: headerValue(headers, 'from') ?? '',
    to: headerValue(headers, 'to') ?? '',
    subject: headerValue(headers, 'subject') ?? '',
    snippet: mailbox.snippet(row),
    internalDate: row.date,
  }
}

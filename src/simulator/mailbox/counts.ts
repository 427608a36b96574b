import type { Mailbox } from './mailbox.ts'

/** What labels.get and getProfile count. */
export interface LabelCounts {
  messagesTotal: number
  messagesUnread: number
  threadsTotal: number
  threadsUnread: number
}

interface Counted {
  historyId: number
  byLabel: Map<number, LabelCounts>
  profile: { messagesTotal: number; threadsTotal: number } | undefined
}

/** Counts of big mailboxes take a while: they are kept until something happens. */
const kept = new WeakMap<Mailbox, Counted>()

function counted(mailbox: Mailbox): Counted {
  const known = kept.get(mailbox)
  if (known?.historyId === mailbox.historyId) return known
  const fresh: Counted = { historyId: mailbox.historyId, byLabel: new Map(), profile: undefined }
  kept.set(mailbox, fresh)
  return fresh
}

/** `l` is the label's number. */
export function countLabel(mailbox: Mailbox, l: number): LabelCounts {
  const { byLabel } = counted(mailbox)
  let counts = byLabel.get(l)
  if (!counts) {
    const { db } = mailbox
    const unread = mailbox.labels.require('UNREAD').l
    const all = db.get<{ messages: number; threads: number }>(
      'select count(*) messages, count(distinct m.thread) threads from message_label x cross join message m on m.n = x.n where x.l = ?',
      l,
    )
    const open = db.get<{ messages: number; threads: number }>(
      'select count(*) messages, count(distinct m.thread) threads from message_label u cross join message m on m.n = u.n ' +
        'where u.l = ? and exists (select 1 from message_label x where x.n = u.n and x.l = ?)',
      unread,
      l,
    )
    counts = {
      messagesTotal: all?.messages ?? 0,
      messagesUnread: open?.messages ?? 0,
      threadsTotal: all?.threads ?? 0,
      threadsUnread: open?.threads ?? 0,
    }
    byLabel.set(l, counts)
  }
  return counts
}

/** Everything, spam and trash too. */
export function countMailbox(mailbox: Mailbox): { messagesTotal: number; threadsTotal: number } {
  const known = counted(mailbox)
  known.profile ??= {
    messagesTotal: mailbox.db.count('select count(*) c from message'),
    threadsTotal: mailbox.db.count('select count(distinct thread) c from message'),
  }
  return known.profile
}

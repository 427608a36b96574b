import type { Mailbox } from './mailbox.ts'

interface MessageCounts {
  messagesTotal: number
  messagesUnread: number
}

interface ThreadCounts {
  threadsTotal: number
  threadsUnread: number
}

interface Counted {
  historyId: number
  messages: Map<number, MessageCounts>
  threads: Map<number, ThreadCounts>
  profile: { messagesTotal: number; threadsTotal: number } | undefined
}

/** Counts of big mailboxes take a while: they are kept until something happens. */
const kept = new WeakMap<Mailbox, Counted>()

function counted(mailbox: Mailbox): Counted {
  const known = kept.get(mailbox)
  if (known?.historyId === mailbox.historyId) return known
  const fresh: Counted = {
    historyId: mailbox.historyId,
    messages: new Map(),
    threads: new Map(),
    profile: undefined,
  }
  kept.set(mailbox, fresh)
  return fresh
}

const unreadAndLabelled =
  'where u.l = ? and exists (select 1 from message_label x where x.n = u.n and x.l = ?)'

/** `l` is the label's number. */
export function countMessages(mailbox: Mailbox, l: number): MessageCounts {
  const { messages } = counted(mailbox)
  let counts = messages.get(l)
  if (!counts) {
    const unread = mailbox.labels.require('UNREAD').l
    counts = {
      messagesTotal: mailbox.db.count('select count(*) c from message_label where l = ?', l),
      messagesUnread: mailbox.db.count(
        `select count(*) c from message_label u ${unreadAndLabelled}`,
        unread,
        l,
      ),
    }
    messages.set(l, counts)
  }
  return counts
}

/** Threads take much longer to count than messages. */
export function countThreads(mailbox: Mailbox, l: number): ThreadCounts {
  const { threads } = counted(mailbox)
  let counts = threads.get(l)
  if (!counts) {
    const unread = mailbox.labels.require('UNREAD').l
    counts = {
      threadsTotal: mailbox.db.count(
        'select count(distinct m.thread) c from message_label x cross join message m on m.n = x.n where x.l = ?',
        l,
      ),
      threadsUnread: mailbox.db.count(
        `select count(distinct m.thread) c from message_label u cross join message m on m.n = u.n ${unreadAndLabelled}`,
        unread,
        l,
      ),
    }
    threads.set(l, counts)
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

import type { Rights } from '#mail/doorman.ts'
import { delimiter, type Mailbox, type MailboxRole } from '#mail/mailbox.ts'
import { inboxInCapitals, mayUse } from '../mailbox-name.ts'

/** One name as LIST shows it to one login. */
export interface ListedName {
  readonly name: string
  /** Undefined for a level that only has children, or that this login may not see. */
  readonly mailbox: Mailbox | undefined
  readonly hasChildren: boolean
  readonly role: MailboxRole | undefined
  readonly subscribed: boolean
}

/**
 * What a login may see, sorted, with every level above it: a client that walks the tree by `%` must find its way to a
 * mailbox whose parents it may not see or that have no label.
 */
export function listedNames(mailboxes: readonly Mailbox[], rights: Rights): ListedName[] {
  const found = new Map<string, Mailbox | undefined>()
  for (const mailbox of mailboxes) {
    if (!mailbox.selectable && rights.mailboxes !== undefined) continue
    if (mayUse(rights, mailbox.name)) found.set(inboxInCapitals(mailbox.name), mailbox)
  }
  const parents = new Set<string>()
  for (const name of found.keys())
    for (const parent of ancestors(name)) {
      if (parents.has(parent)) break
      parents.add(parent)
    }
  for (const parent of parents) if (!found.has(parent)) found.set(parent, undefined)
  return [...found]
    .map(([name, mailbox]): ListedName => {
      const selectable = mailbox?.selectable === true ? mailbox : undefined
      return {
        name,
        mailbox: selectable,
        hasChildren: parents.has(name),
        role: selectable?.role,
        subscribed: mailbox?.subscribed === true,
      }
    })
    .toSorted((a, b) => compareNames(a.name, b.name))
}

/** The levels above a name, innermost first: `a/b/c` gives `a/b` and `a`. */
export function* ancestors(name: string): Generator<string> {
  for (let at = name.lastIndexOf(delimiter); at > 0; at = name.lastIndexOf(delimiter, at - 1))
    yield name.slice(0, at)
}

/** INBOX comes first, as people expect it, then by code unit. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0
  if (a === 'INBOX') return -1
  if (b === 'INBOX') return 1
  return a < b ? -1 : 1
}

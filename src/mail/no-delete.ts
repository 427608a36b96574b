import { MailError } from './errors.ts'
import { FlagBit } from './flags.ts'
import type { MailboxId } from './ids.ts'
import type { MailboxRole } from './mailbox.ts'
import { mailstoreWith } from './mailstore-with.ts'
import type { Mailstore } from './mailstore.ts'

/** What a login hears that may not delete. */
export const mayNotDelete = 'This password may not delete anything'

/** What is put there goes away by itself after 30 days, out of sight meanwhile. */
const graves: ReadonlySet<MailboxRole | undefined> = new Set<MailboxRole>(['trash', 'junk'])
/** As X-GM-LABELS spells them. */
const graveLabels = new Set(['\\trash', '\\spam', '\\junk'])

const guarded = new WeakMap<Mailstore, Mailstore>()

/**
 * The same mail for a login under which nothing may vanish: no EXPUNGE, nothing marked \Deleted (another program's EXPUNGE
 * would take it), nothing into Trash or Spam, no mailbox deleted. Everything else, moving from label to label too, works.
 */
export function withoutDeleting(inner: Mailstore): Mailstore {
  const known = guarded.get(inner) ?? guard(inner)
  guarded.set(inner, known)
  return known
}

function guard(inner: Mailstore): Mailstore {
  async function refuseGrave(target: MailboxId, signal: AbortSignal): Promise<void> {
    const found = (await inner.mailboxes(signal)).find(({ id }) => id === target)
    if (graves.has(found?.role)) throw refusal()
  }

  return mailstoreWith(inner, {
    expunge: () => Promise.reject(refusal()),
    deleteMailbox: () => Promise.reject(refusal()),
    async move(source, keys, target, signal) {
      await refuseGrave(target, signal)
      return inner.move(source, keys, target, signal)
    },
    // Gmail has no copies in Trash and Spam: copying there moves.
    async copy(source, keys, target, signal) {
      await refuseGrave(target, signal)
      return inner.copy(source, keys, target, signal)
    },
    changeFlags(mailbox, keys, change, signal) {
      if (change.mode !== 'remove' && (change.bits & FlagBit.deleted) !== 0) return Promise.reject(refusal())
      return inner.changeFlags(mailbox, keys, change, signal)
    },
    append: (mailbox, messages, signal) =>
      inner.append(
        mailbox,
        messages.map((one) => ({ ...one, bits: one.bits & ~FlagBit.deleted })),
        signal,
      ),
    changeLabels(mailbox, keys, change, signal) {
      const buries =
        change.mode !== 'remove' && change.labels.some((one) => graveLabels.has(one.toLowerCase()))
      if (buries) return Promise.reject(refusal())
      return inner.changeLabels(mailbox, keys, change, signal)
    },
  })
}

function refusal(): MailError {
  return new MailError('not-permitted', mayNotDelete)
}

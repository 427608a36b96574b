import { flagNames } from '#mail/flags.ts'
import type { MailboxId } from '#mail/ids.ts'
import { mailstoreWith } from '#mail/mailstore-with.ts'
import type { FlagChange, Mailstore } from '#mail/mailstore.ts'
import type { Witness } from './witness.ts'

const signs = { add: '+', remove: '-', replace: '' } as const

/** The same mail; every change of it is written down. */
export function witnessedMailstore(inner: Mailstore, witness: Witness): Mailstore {
  const named = (id: MailboxId) => mailboxName(inner, id)
  return mailstoreWith(inner, {
    changeFlags: (mailbox, keys, change, signal) =>
      witness.see(
        () => inner.changeFlags(mailbox, keys, change, signal),
        async (spared = []) => ({
          action: 'flags',
          mailbox: await named(mailbox),
          messages: keys.length - spared.length,
          change: wordsOf(change),
        }),
      ),
    copy: (source, keys, target, signal) =>
      witness.see(
        () => inner.copy(source, keys, target, signal),
        async () => ({
          action: 'copy',
          mailbox: await named(source),
          target: await named(target),
          messages: keys.length,
        }),
      ),
    move: (source, keys, target, signal) =>
      witness.see(
        () => inner.move(source, keys, target, signal),
        async () => ({
          action: 'move',
          mailbox: await named(source),
          target: await named(target),
          messages: keys.length,
        }),
      ),
    expunge: (mailbox, keys, signal) =>
      witness.see(
        () => inner.expunge(mailbox, keys, signal),
        async () => ({ action: 'expunge', mailbox: await named(mailbox), messages: keys.length }),
      ),
    append: (mailbox, messages, signal) =>
      witness.see(
        () => inner.append(mailbox, messages, signal),
        async () => ({ action: 'append', mailbox: await named(mailbox), messages: messages.length }),
      ),
    createMailbox: (name, role, signal) =>
      witness.see(
        () => inner.createMailbox(name, role, signal),
        () => ({ action: 'mailbox-made', mailbox: name }),
      ),
    deleteMailbox: (name, signal) =>
      witness.see(
        () => inner.deleteMailbox(name, signal),
        () => ({ action: 'mailbox-deleted', mailbox: name }),
      ),
    renameMailbox: (name, newName, signal) =>
      witness.see(
        () => inner.renameMailbox(name, newName, signal),
        () => ({ action: 'mailbox-renamed', mailbox: name, target: newName }),
      ),
    setSubscribed: (name, subscribed, signal) =>
      witness.see(
        () => inner.setSubscribed(name, subscribed, signal),
        () => ({ action: 'subscription', mailbox: name, change: subscribed ? '+' : '-' }),
      ),
    changeLabels: (mailbox, keys, change, signal) =>
      witness.see(
        () => inner.changeLabels(mailbox, keys, change, signal),
        async () => ({
          action: 'labels',
          mailbox: await named(mailbox),
          messages: keys.length,
          change: `${signs[change.mode]}${change.labels.join(' ')}`,
        }),
      ),
  })
}

/** From what is known by heart; undefined for a mailbox that is gone. Never rejects. */
export async function mailboxName(mailstore: Mailstore, id: MailboxId): Promise<string | undefined> {
  try {
    const all = await mailstore.mailboxes(AbortSignal.timeout(1000))
    return all.find((one) => one.id === id)?.name
  } catch {
    return undefined
  }
}

/** Keywords that people made up are not told. */
function wordsOf({ mode, bits, keywords }: FlagChange): string {
  const words = flagNames.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name)
  const free = keywords.length === 0 ? [] : [`(${keywords.length} keywords)`]
  return `${signs[mode]}${[...words, ...free].join(' ')}`
}

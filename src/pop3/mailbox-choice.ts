import type { Rights } from '#mail/doorman.ts'
import { MailError } from '#mail/errors.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { Mailbox } from '#mail/mailbox.ts'

const inbox = 'INBOX'

/**
 * The mailbox that a login is for: the one it names, else the inbox, else the only one that its password is for. Throws
 * MailError `nonexistent` and `not-permitted`.
 */
export function chooseMailbox(
  mailboxes: readonly Mailbox[],
  named: string | undefined,
  rights: Rights,
): MailboxId {
  const name = named ?? defaultName(rights)
  const found =
    mailboxes.find((mailbox) => mailbox.name === name) ??
    mailboxes.find((mailbox) => comparable(mailbox.name) === comparable(name))
  if (!mayUse(rights, found?.name ?? name))
    throw new MailError('not-permitted', 'This password is not for this mailbox')
  if (found?.id === undefined || !found.selectable)
    throw new MailError('nonexistent', 'There is no such mailbox: log in as ADDRESS or ADDRESS/MAILBOX')
  return found.id
}

function defaultName(rights: Rights): string {
  const [only, ...others] = rights.mailboxes ?? [inbox]
  return only !== undefined && others.length === 0 ? only : inbox
}

function mayUse(rights: Rights, name: string): boolean {
  return rights.mailboxes?.some((allowed) => comparable(allowed) === comparable(name)) ?? true
}

/** Labels differ by more than letter case and Unicode composition, as Gmail has them. */
function comparable(name: string): string {
  return name.toWellFormed().normalize('NFC').toLowerCase()
}

import type { MailboxId } from '#mail/ids.ts'
import { listLine } from '../list/attributes.ts'
import type { ListedName } from '../list/names.ts'
import { writeMailboxName } from '../mailbox-name.ts'
import { wants } from './request.ts'
import type { EventGroup } from './request.ts'

/**
 * Lines of LIST that tell how the mailboxes became what they are: made, renamed (with the old name), removed, subscribed
 * to or not any more. RFC 5465 sections 5.4 and 5.5.
 */
export function nameNews(
  before: readonly ListedName[],
  newest: readonly ListedName[],
  groups: readonly EventGroup[],
  utf8: boolean,
): string[] {
  const lines: string[] = []
  const tell = (listed: ListedName, oldName?: string) => {
    const extended = oldName === undefined ? '' : ` ("OLDNAME" (${writeMailboxName(oldName, utf8)}))`
    lines.push(listLine(listed, { keyword: 'LIST', utf8, subscribed: true, nonExistent: true }, extended))
  }
  const oldById = new Map<MailboxId, ListedName>()
  for (const listed of before) if (listed.mailbox?.id !== undefined) oldById.set(listed.mailbox.id, listed)
  const oldByName = new Map(before.map((listed) => [listed.name, listed]))
  const newByName = new Map(newest.map((listed) => [listed.name, listed]))
  const still = new Set<MailboxId>()
  for (const listed of newest) {
    const id = listed.mailbox?.id
    const old = id === undefined ? oldByName.get(listed.name) : oldById.get(id)
    if (id !== undefined) still.add(id)
    const isNew = id !== undefined && old === undefined
    const isRenamed = old !== undefined && old.name !== listed.name
    if (
      (isNew && wants(groups, 'MailboxName', listed)) ||
      (isRenamed && (wants(groups, 'MailboxName', listed) || wants(groups, 'MailboxName', old)))
    )
      tell(listed, isRenamed ? old.name : undefined)
    else if (!isNew && (old?.subscribed ?? false) !== listed.subscribed && wantsSubscription(groups, listed))
      tell(listed)
  }
  for (const old of before) {
    const id = old.mailbox?.id
    const now = newByName.get(old.name)
    if (id === undefined) {
      // A subscription without a mailbox is no name any more.
      if (old.subscribed && now === undefined && wantsSubscription(groups, old)) tell(gone(old, now))
    } else if (!still.has(id) && now?.mailbox === undefined && wants(groups, 'MailboxName', old))
      tell(gone(old, now))
  }
  return lines
}

/** A name whose subscription ended belongs to the subscribed ones for the last time. */
function wantsSubscription(groups: readonly EventGroup[], { name }: ListedName): boolean {
  return wants(groups, 'SubscriptionChange', { name, subscribed: true })
}

/** A name that is left only for what is below it, or not at all. */
function gone({ name }: ListedName, now: ListedName | undefined): ListedName {
  return now ?? { name, mailbox: undefined, hasChildren: false, role: undefined, subscribed: false }
}

import type { LabelId, MessageId } from '#mail/ids.ts'
import { allMail, isHidden } from '../label-rules.ts'
import { onceEach } from '../once-each.ts'
import type { Relabelling } from './relabel-at-gmail.ts'

/** A message with its labels before, as far as they are known, and after. */
export interface Intended {
  readonly messageId: MessageId
  readonly before: ReadonlySet<LabelId>
  readonly after: ReadonlySet<LabelId>
}

interface Group {
  readonly ids: MessageId[]
  readonly add: Set<LabelId>
  readonly remove: Set<LabelId>
  /** Labels that all of them have afterwards, and labels that any of them has. */
  readonly common: Set<LabelId>
  readonly any: Set<LabelId>
}

/** Labels that one modify can add or remove. Fact sheet section 1.3. */
const labelsPerModify = 100
/** Groups looked through for each message, the newest first; further ones are only dearer. */
const groupsTried = 32

/**
 * As few changes as can be. Adding what is there and removing what is not changes nothing at Gmail, so messages that need
 * different changes share one where it leaves each of them with its own labels. No label is both added and removed.
 */
export function planRelabelling(messages: Iterable<Intended>): Relabelling[] {
  const groups: Group[] = []
  // A group suits whoever needs what one of it needs.
  const groupsOf = onceEach((_before: ReadonlySet<LabelId>) => new Map<ReadonlySet<LabelId>, Group>())
  for (const message of messages) {
    const alike = groupsOf(message.before)
    const same = alike.get(message.after)
    if (same !== undefined) {
      same.ids.push(message.messageId)
      continue
    }
    const add = [...message.after].filter((label) => label !== allMail && !message.before.has(label))
    const remove = [...message.before].filter((label) => label !== allMail && !message.after.has(label))
    if (add.length === 0 && remove.length === 0) continue
    const group = groups.slice(-groupsTried).find((one) => fits(one, message, add, remove))
    if (group === undefined) groups.push(newGroup(message, add, remove))
    else join(group, message, add, remove)
    alike.set(message.after, group ?? (groups.at(-1) as Group))
  }
  return groups.map(({ ids, add, remove }) => ({ ids, add: [...add], remove: [...remove] }))
}

function fits(
  group: Group,
  { before, after }: Intended,
  add: readonly LabelId[],
  remove: readonly LabelId[],
) {
  if (group.remove.size + remove.length > labelsPerModify) return false
  // What else a message in Spam or Trash has is not known: nothing may be taken off by the way.
  if (isHidden(before) && ![...group.remove].every((label) => remove.includes(label))) return false
  return (
    add.every((label) => group.common.has(label)) &&
    remove.every((label) => !group.any.has(label)) &&
    [...group.add].every((label) => after.has(label)) &&
    [...group.remove].every((label) => !after.has(label))
  )
}

function newGroup({ messageId, after }: Intended, add: LabelId[], remove: LabelId[]): Group {
  return {
    ids: [messageId],
    add: new Set(add),
    remove: new Set(remove),
    common: new Set(after),
    any: new Set(after),
  }
}

function join(group: Group, { messageId, after }: Intended, add: LabelId[], remove: LabelId[]): void {
  group.ids.push(messageId)
  for (const label of add) group.add.add(label)
  for (const label of remove) group.remove.add(label)
  for (const label of group.common) if (!after.has(label)) group.common.delete(label)
  for (const label of after) group.any.add(label)
}

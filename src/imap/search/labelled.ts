import type { MessageKey } from '#mail/ids.ts'
import { speaksUtf8, type Selected } from '../command.ts'
import { isLabelOf, labelName, visibleLabels } from '../gmail-labels.ts'
import { everyKey, type SearchKey } from './key.ts'

/** For each X-GM-LABELS in the tree, the messages of the view that have its label. From the index. Throws ProtocolError and MailError. */
export async function findLabelled(
  context: Selected,
  tree: SearchKey,
): Promise<ReadonlyMap<SearchKey, ReadonlySet<MessageKey>>> {
  const found = new Map<SearchKey, Set<MessageKey>>()
  if (!everyKey(tree).some(({ kind }) => kind === 'label')) return found
  const { view, mailstore, enabled } = context
  const named = new Map<string, Set<MessageKey>>()
  const { mailbox, told } = view
  const all = [...told.keys] as MessageKey[]
  for (const key of everyKey(tree)) {
    if (key.kind !== 'label') continue
    const label = labelName(key.octets, speaksUtf8(enabled))
    const known = named.get(label.toLowerCase())
    // All of them have the label of the mailbox they are in, although it is not shown there.
    const set = known ?? new Set(isLabelOf(mailbox, label) ? all : [])
    named.set(label.toLowerCase(), set)
    found.set(key, set)
  }
  if (found.size === 0 || mailbox.id === undefined) return found
  const isVisible = await visibleLabels(context)
  for (const label of named.keys()) if (!isVisible(label)) named.delete(label)
  for (const [key, labels] of await mailstore.labelsOf(mailbox.id, all))
    for (const label of labels) named.get(label.toLowerCase())?.add(key)
  return found
}

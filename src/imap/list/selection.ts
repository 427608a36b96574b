import { ancestors, type ListedName } from './names.ts'
import type { Pattern } from './pattern.ts'

/** What LIST's selection options choose by. RFC 9051 section 6.3.9.1. */
export interface Selection {
  readonly subscribed: boolean
  readonly specialUse: boolean
  /** Show a name also for the sake of a selected one below it that is not shown itself. */
  readonly recursive: boolean
}

/** A name to show. */
export interface Chosen {
  readonly listed: ListedName
  /** It meets the selection itself. */
  readonly selected: boolean
  /** A name below it meets the selection and is not shown. */
  readonly selectedBelow: boolean
}

/** Says whether it is time to let others run. */
type Pause = () => Promise<void> | undefined

/**
 * The names that match any pattern and meet the selection, in order. "Servers SHOULD suppress redundant CHILDINFO
 * responses": `selectedBelow` counts only names that no pattern matches. RFC 5258 section 4.
 */
export async function choose(
  names: readonly ListedName[],
  patterns: readonly Pattern[],
  selection: Selection,
  pause: Pause,
): Promise<Chosen[]> {
  const matching = new Set<ListedName>()
  for (const listed of names) {
    if (patterns.some((matches) => matches(listed.name))) matching.add(listed)
    await pause()
  }
  const above = new Set<string>()
  if (selection.recursive)
    for (const listed of names)
      if (meets(listed, selection) && !matching.has(listed))
        for (const name of ancestors(listed.name)) above.add(name)
  const chosen: Chosen[] = []
  for (const listed of matching) {
    const selected = meets(listed, selection)
    const selectedBelow = above.has(listed.name)
    if (selected || selectedBelow) chosen.push({ listed, selected, selectedBelow })
  }
  return chosen
}

function meets(listed: ListedName, { subscribed, specialUse }: Selection): boolean {
  if (subscribed && !listed.subscribed) return false
  // A name that only somebody's subscription remembers. RFC 9051 section 6.3.9.1, SUBSCRIBED.
  if (!subscribed && listed.mailbox === undefined && !listed.hasChildren) return false
  return !specialUse || (listed.role !== undefined && listed.role !== 'inbox')
}

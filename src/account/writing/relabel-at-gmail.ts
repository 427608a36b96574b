import { GmailError } from '#gmail/gmail.ts'
import type { CallOptions, Gmail } from '#gmail/gmail.ts'
import type { LabelId, MessageId } from '#mail/ids.ts'
import { slicesOf } from '../present.ts'

/** From here on a batchModify is no dearer than single calls, which tell what became of each. Fact sheet section 1.2. */
const batchFrom = 10
/** Ids that one batchModify takes. Fact sheet section 1.3. */
const batchIds = 1000

/** Messages that get the same change of labels at Gmail. */
export interface Relabelling {
  readonly ids: readonly MessageId[]
  readonly add: readonly LabelId[]
  readonly remove: readonly LabelId[]
}

/** What came of changes at Gmail. */
export interface Outcome {
  readonly done: readonly MessageId[]
  /** Gmail does not know them any more; history will tell. */
  readonly gone: readonly MessageId[]
  /** Why the rest was not done. */
  readonly failure?: { readonly reason: unknown }
}

/**
 * Changes labels at Gmail for the least units: k messages cost 50 * floor(k / 1000) + min(5r, 50) with r = k mod 1000.
 * Never rejects. `apart` are changed one by one: a batch leaves out in silence what may not be done to them.
 */
export async function relabelAtGmail(
  gmail: Pick<Gmail, 'modify'>,
  { ids, add, remove }: Relabelling,
  call: CallOptions,
  apart: ReadonlySet<MessageId> = new Set(),
): Promise<Outcome> {
  const done: MessageId[] = []
  const gone: MessageId[] = []
  const together = apart.size === 0 ? ids : ids.filter((id) => !apart.has(id))
  for (const slice of slicesOf(together, batchIds)) {
    const outcome =
      slice.length >= batchFrom
        ? await whole(slice, () => gmail.modify(slice, { add, remove }, call))
        : await oneByOne(slice, (id) => gmail.modify([id], { add, remove }, call))
    done.push(...outcome.done)
    gone.push(...outcome.gone)
    if (outcome.failure !== undefined) return { done, gone, failure: outcome.failure }
  }
  if (together.length === ids.length) return { done, gone }
  const lone = ids.filter((id) => apart.has(id))
  const outcome = await oneByOne(lone, (id) => gmail.modify([id], { add, remove }, call))
  return { ...outcome, done: [...done, ...outcome.done], gone: [...gone, ...outcome.gone] }
}

/** All of them or none. */
async function whole(ids: readonly MessageId[], ask: () => Promise<void>): Promise<Outcome> {
  try {
    await ask()
    return { done: ids, gone: [] }
  } catch (reason) {
    return { done: [], gone: [], failure: { reason } }
  }
}

export async function oneByOne(
  ids: readonly MessageId[],
  ask: (id: MessageId) => Promise<void>,
): Promise<Outcome> {
  const done: MessageId[] = []
  const gone: MessageId[] = []
  let failure: Outcome['failure']
  for (const [index, outcome] of (await Promise.allSettled(ids.map(ask))).entries()) {
    const id = ids[index] as MessageId
    const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
    if (outcome.status === 'fulfilled') done.push(id)
    else if (reason instanceof GmailError && reason.kind === 'not-found') gone.push(id)
    else failure ??= { reason }
  }
  return failure === undefined ? { done, gone } : { done, gone, failure }
}

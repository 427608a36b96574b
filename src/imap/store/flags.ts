import type { MessageKey, ModSeq } from '#mail/ids.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import { formatNumbers } from '#mail/number-set.ts'
import { keyAt } from '#mail/snapshot.ts'
import type { Answers } from '../command.ts'
import { afterChange } from '../flag-change.ts'
import type { SelectedView } from '../selected-view.ts'
import type { Storing } from '../session-context.ts'
import { storeAnswers } from './answers.ts'
import type { StoreArgs } from './arguments.ts'

const none = new Uint32Array()

/** STORE of flags. RFC 9051 section 6.4.6, RFC 7162 section 3.1.3. */
export async function* storeFlags(
  context: Storing,
  { set, uid, silent, unchangedSince }: StoreArgs,
  change: FlagChange,
): Answers {
  const { view, mailstore, enabled, signal } = context
  if (unchangedSince !== undefined) enabled.add('CONDSTORE')
  const indexes = uid ? view.indexesOfUids(set) : view.indexesOfSeqs(set)
  if (indexes.length === 0) return undefined
  const { told } = view
  const keys = Array.from(indexes, (index) => keyAt(told, index))
  const since = unchangedSince as ModSeq | undefined
  const spared = new Set(
    await mailstore.changeFlags(told.mailbox, keys, { ...change, unchangedSince: since }, signal),
  )
  const isSpared = (index: number) => spared.has(told.keys[index] as MessageKey)
  const changed = spared.size === 0 ? indexes : indexes.filter((index) => !isSpared(index))
  const modSeq = enabled.has('CONDSTORE')
  // Whoever knows no mod-sequences takes them for granted too.
  if (silent)
    view.acknowledge(
      changed,
      expected(view, changed, change),
      modSeq ? undefined : view.stateNow(changed).modSeqs,
    )
  // The new mod-sequence is told "even if .SILENT is specified". RFC 7162 section 3.1.3.
  const answered = silent && unchangedSince === undefined ? (modSeq ? view.modified(changed) : none) : changed
  // Cyrus too names UIDs to who speaks IMAP4rev2, here as in answers that nobody asked for.
  const withUid = uid || enabled.has('QRESYNC') || enabled.has('IMAP4REV2')
  if (answered.length > 0)
    yield* storeAnswers(view, answered, enabled, { uid: withUid, flags: !silent, modSeq })
  if (spared.size === 0) return undefined
  const numbers = Array.from(
    indexes.filter(isSpared),
    (index) => (uid ? told.uids[index] : index + 1) as number,
  )
  return { status: 'OK', code: `MODIFIED ${formatNumbers(numbers)}`, text: 'Some were changed meanwhile' }
}

/** What the client takes for granted after .SILENT; where it is not so, the session tells. RFC 9051 section 6.4.6. */
function expected(view: SelectedView, indexes: Uint32Array, change: FlagChange): Uint32Array {
  const { flags, flagTable } = view.told
  const known = new Map<number, number>()
  return indexes.map((index) => {
    const before = flags[index] as number
    let after = known.get(before)
    if (after === undefined) {
      const { bits, keywords } = afterChange(flagTable.get(before), change)
      after = flagTable.intern(bits, keywords)
      known.set(before, after)
    }
    return after
  })
}

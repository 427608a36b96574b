import type { NumberSet } from '#mail/number-set.ts'
import { command } from '../command.ts'
import type { Hearing } from '../notify/tell.ts'
import type { Storing } from '../session-context.ts'
import { endOfExpunge } from '../vanishing.ts'
import { readOnlyMailbox } from '../writable.ts'

/** Removes what is marked \Deleted: everything, or as UID EXPUNGE only what is named as well. RFC 4315 section 2.1. */
export const expunge = command<NumberSet | undefined, Storing & Hearing>({
  name: 'EXPUNGE',
  rfc: '9051 6.4.3',
  state: 'selected',
  changesSelected: true,
  uid: true,
  parse(parser, { uid }) {
    if (uid) parser.space()
    const set = uid ? parser.numberSet() : undefined
    parser.end()
    return set
  },
  async *run(context, set) {
    const refusal = readOnlyMailbox(context)
    if (refusal !== undefined) return refusal
    const { view, mailstore, signal } = context
    const keys = view.deleted(set === undefined ? undefined : view.indexesOfUids(set))
    if (keys.length > 0) await mailstore.expunge(view.told.mailbox, keys, signal)
    return yield* endOfExpunge(context, `${set === undefined ? '' : 'UID '}EXPUNGE completed`)
  },
})

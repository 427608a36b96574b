import { command } from '../command.ts'
import type { Hearing } from '../notify/tell.ts'
import type { Storing } from '../session-context.ts'
import { errandOf, readTransferArguments } from '../transfer.ts'
import type { TransferArgs } from '../transfer.ts'
import { copyUid } from '../uidplus.ts'
import { endOfExpunge } from '../vanishing.ts'
import { readOnlyMailbox } from '../writable.ts'

export const move = command<TransferArgs, Storing & Hearing>({
  name: 'MOVE',
  rfc: '9051 6.4.8',
  state: 'selected',
  changesSelected: true,
  uid: true,
  parse: readTransferArguments,
  async *run(context, args) {
    const refusal = readOnlyMailbox(context)
    if (refusal !== undefined) return refusal
    const errand = await errandOf(context, args)
    if ('refusal' in errand) return errand.refusal
    if (errand.keys.length === 0) return undefined
    const { mailstore, view, signal } = context
    const moved = await mailstore.move(view.told.mailbox, errand.keys, errand.target, signal)
    // COPYUID goes first, while the old UIDs still mean something. RFC 6851 section 4.3.
    const code = copyUid(moved)
    if (code !== undefined) yield `* OK [${code}] Moved\r\n`
    return yield* endOfExpunge(context, `${args.uid ? 'UID ' : ''}MOVE completed`)
  },
})

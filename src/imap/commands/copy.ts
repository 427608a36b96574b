import { command, onlyEnd } from '../command.ts'
import type { Completion } from '../command.ts'
import type { Storing } from '../session-context.ts'
import { errandOf, readTransferArguments } from '../transfer.ts'
import type { TransferArgs } from '../transfer.ts'
import { copyUid } from '../uidplus.ts'
import { readOnlyLogin } from '../writable.ts'

/** Lawful in a mailbox that is open for reading only: nothing changes there. RFC 9051 section 6.4.7. */
export const copy = command<TransferArgs, Storing>({
  name: 'COPY',
  rfc: '9051 6.4.7',
  state: 'selected',
  uid: true,
  parse: readTransferArguments,
  run: (context, args) => onlyEnd(copied(context, args)),
})

async function copied(context: Storing, args: TransferArgs): Promise<Completion> {
  const refusal = readOnlyLogin(context)
  if (refusal !== undefined) return refusal
  const errand = await errandOf(context, args)
  if ('refusal' in errand) return errand.refusal
  const text = `${args.uid ? 'UID ' : ''}COPY completed`
  if (errand.keys.length === 0) return { status: 'OK', text }
  const { mailstore, view, signal } = context
  const code = copyUid(await mailstore.copy(view.told.mailbox, errand.keys, errand.target, signal))
  return code === undefined ? { status: 'OK', text } : { status: 'OK', code, text }
}

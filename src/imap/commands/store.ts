import { command } from '../command.ts'
import type { Storing } from '../session-context.ts'
import { readStoreArguments } from '../store/arguments.ts'
import type { StoreArgs } from '../store/arguments.ts'
import { storeFlags } from '../store/flags.ts'
import { storeLabels } from '../store/labels.ts'
import { readOnlyMailbox } from '../writable.ts'

/** Changes flags, with CONDSTORE, or Gmail's labels. RFC 9051 section 6.4.6. */
export const store = command<StoreArgs, Storing>({
  name: 'STORE',
  rfc: '9051 6.4.6',
  state: 'selected',
  changesSelected: true,
  uid: true,
  holdsExpunges: true,
  parse: readStoreArguments,
  async *run(context, args) {
    const refusal = readOnlyMailbox(context)
    if (refusal !== undefined) return refusal
    const { change } = args
    return yield* change.kind === 'labels'
      ? storeLabels(context, args, change)
      : storeFlags(context, args, change)
  },
})

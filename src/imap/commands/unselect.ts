import { command, onlyEnd } from '../command.ts'
import type { Selecting, Storing } from '../session-context.ts'

export const unselect = command<void, Selecting>({
  name: 'UNSELECT',
  rfc: '9051 6.4.2',
  state: 'selected',
  parse: (parser) => parser.end(),
  run(context) {
    context.unselect()
    return onlyEnd(undefined)
  },
})

/** Removes what is marked \Deleted without a word, then leaves. When it cannot be removed, the client stays and is told. */
export const close = command<void, Selecting & Storing>({
  name: 'CLOSE',
  rfc: '9051 6.4.1',
  state: 'selected',
  parse: (parser) => parser.end(),
  run: (context) => onlyEnd(closed(context)),
})

async function closed(context: Selecting & Storing): Promise<undefined> {
  const { view, rights, mailstore, signal } = context
  const keys = view.readOnly || rights.readOnly || rights.noDelete === true ? [] : view.deleted()
  if (keys.length > 0) await mailstore.expunge(view.told.mailbox, keys, signal)
  context.unselect()
  return undefined
}

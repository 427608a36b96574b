import { FlagBit } from '#mail/flags.ts'
import { command, onlyEnd } from '../command.ts'
import type { Storing, Selecting } from '../session-context.ts'

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

/** CLOSE removes what is marked \Deleted. While Postern cannot, it says so instead of leaving it there in silence. */
export const close = command<void, Selecting & Storing>({
  name: 'CLOSE',
  rfc: '9051 6.4.1',
  state: 'selected',
  parse: (parser) => parser.end(),
  run(context) {
    const { told, readOnly } = context.view
    const isDeleted = (flags: number) => (told.flagTable.get(flags).bits & FlagBit.deleted) !== 0
    if (!readOnly && told.flags.some(isDeleted))
      return onlyEnd({
        status: 'NO',
        code: 'CANNOT',
        text: 'Messages marked \\Deleted cannot be removed yet; UNSELECT leaves the mailbox',
      })
    context.unselect()
    return onlyEnd(undefined)
  },
})

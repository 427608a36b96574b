import { MailError } from '#mail/errors.ts'
import { mayNotDelete } from '#mail/no-delete.ts'
import { command } from '../command.ts'
import type { Inside } from '../session-context.ts'

/** Only a mark; see QUIT. */
export const dele = command<number, Inside>({
  name: 'DELE',
  rfc: '1939 5',
  state: 'transaction',
  parse: (given) => given.onlyMessage(),
  async *run({ maildrop, rights }, number) {
    if (rights.readOnly)
      throw new MailError('not-permitted', rights.readOnlyBecause ?? 'This password is read-only')
    if (rights.noDelete === true) throw new MailError('not-permitted', mayNotDelete)
    maildrop.markDeleted(number)
    yield `+OK Message ${number} goes with QUIT\r\n`
  },
})

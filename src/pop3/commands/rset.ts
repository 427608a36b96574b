import { command } from '../command.ts'
import type { Inside } from '../session-context.ts'

export const rset = command<void, Inside>({
  name: 'RSET',
  rfc: '1939 5',
  state: 'transaction',
  parse: (given) => given.end(),
  async *run({ maildrop }) {
    maildrop.undelete()
    const { count, sizeBytes } = maildrop.totals()
    yield `+OK ${count} messages (${sizeBytes} octets)\r\n`
  },
})

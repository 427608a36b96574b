import { command } from '../command.ts'
import type { Inside } from '../session-context.ts'

export const stat = command<void, Inside>({
  name: 'STAT',
  rfc: '1939 5',
  state: 'transaction',
  parse: (given) => given.end(),
  async *run({ maildrop }) {
    const { count, sizeBytes } = maildrop.totals()
    yield `+OK ${count} ${sizeBytes}\r\n`
  },
})

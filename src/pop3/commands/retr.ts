import { command } from '../command.ts'
import { dotStuffed, multiLineEnd } from '../dot-stuffing.ts'
import type { Inside } from '../session-context.ts'

export const retr = command<number, Inside>({
  name: 'RETR',
  rfc: '1939 5',
  state: 'transaction',
  parse: (given) => given.onlyMessage(),
  async *run({ maildrop, bodies }, number) {
    maildrop.message(number)
    const bytes = await bodies.take(number)
    yield `+OK ${bytes.length} octets\r\n`
    yield* dotStuffed(bytes)
    yield multiLineEnd(bytes)
    maildrop.markRetrieved(number)
  },
})

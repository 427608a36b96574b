import { command } from '../command.ts'
import { dotStuffed, multiLineEnd } from '../dot-stuffing.ts'
import type { Inside } from '../session-context.ts'
import { topOf } from '../top.ts'

/** Looking at a message is not retrieving it: it stays on offer, as at Gmail. facts/peers.md section 2. */
export const top = command<{ number: number; lines: number }, Inside>({
  name: 'TOP',
  rfc: '1939 7',
  state: 'transaction',
  parse(given) {
    const number = given.message()
    const lines = given.count('A number of lines')
    given.end()
    return { number, lines }
  },
  async *run({ maildrop, bodies }, { number, lines }) {
    maildrop.message(number)
    const part = topOf(await bodies.take(number), lines)
    yield '+OK\r\n'
    yield* dotStuffed(part)
    yield multiLineEnd(part)
  },
})

import { command } from '../command.ts'

/** Names are taken as UTF-8 in any case, and messages go out as Gmail has them, so there is nothing to switch. */
export const utf8 = command<void, unknown>({
  name: 'UTF8',
  rfc: '6856 2',
  state: 'authorization',
  parse: (given) => given.end(),
  async *run() {
    yield '+OK UTF-8 it is\r\n'
  },
})

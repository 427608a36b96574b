import { command } from '../command.ts'

export const noop = command<void, unknown>({
  name: 'NOOP',
  rfc: '1939 5',
  // Only in TRANSACTION by the RFC; the others have always taken it before login too.
  state: 'any',
  parse: (given) => given.end(),
  async *run() {
    yield '+OK\r\n'
  },
})

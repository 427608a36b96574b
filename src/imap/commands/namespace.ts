import { delimiter } from '#mail/mailbox.ts'
import { command, type Authenticated } from '../command.ts'

/** One personal namespace without a prefix; nothing shared. RFC 9051 section 6.3.10, RFC 2342. */
export const namespace = command<void, Authenticated>({
  name: 'NAMESPACE',
  rfc: '9051 6.3.10',
  state: 'authenticated',
  parse(parser) {
    parser.end()
  },
  async *run() {
    yield `* NAMESPACE (("" "${delimiter}")) NIL NIL\r\n`
    return undefined
  },
})

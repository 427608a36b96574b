import { command, type Authenticated } from '../command.ts'
import { quotaLine, quotaRootsOf } from '../quota.ts'

/** What of a quota root is used and left. RFC 9208 section 4.1.1. */
export const getQuota = command<string, Authenticated>({
  name: 'GETQUOTA',
  rfc: '9208 4.1.1',
  state: 'authenticated',
  capability: 'QUOTA',
  // getquota = "GETQUOTA" SP quota-root-name
  parse(parser) {
    parser.space()
    const root = parser.astring('The name of a quota root').toString('latin1')
    parser.end()
    return root
  },
  async *run({ mailstore, rights, signal }, root) {
    if (!quotaRootsOf(rights).includes(root))
      return { status: 'NO', code: 'NONEXISTENT', text: 'There is no such quota root' }
    yield quotaLine(root, await mailstore.mailboxes(signal))
    return undefined
  },
})

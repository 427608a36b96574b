import { imapString } from '#mail/mime/imap-text.ts'
import { command, speaksUtf8, type Authenticated } from '../command.ts'
import { findMailbox, mayUse, readMailboxName, withoutDelimiter, writeMailboxName } from '../mailbox-name.ts'
import { isCounted, quotaLine, quotaRootsOf } from '../quota.ts'
import { notYours } from '../writable.ts'

/**
 * The quota roots of a mailbox, and what of each is used. There need be no such mailbox: it is also how a client asks
 * which limit one would count for that it is about to make. RFC 9208 section 4.1.2.
 */
export const getQuotaRoot = command<Buffer, Authenticated>({
  name: 'GETQUOTAROOT',
  rfc: '9208 4.1.2',
  state: 'authenticated',
  capability: 'QUOTA',
  // getquotaroot = "GETQUOTAROOT" SP mailbox
  parse(parser) {
    parser.space()
    const name = parser.mailboxName()
    parser.end()
    return name
  },
  async *run({ mailstore, rights, enabled, signal }, octets) {
    const utf8 = speaksUtf8(enabled)
    const name = readMailboxName(octets, utf8)
    // By the name alone: whether there is such a mailbox is not told.
    if (!mayUse(rights, withoutDelimiter(name))) return notYours
    const found = await findMailbox(mailstore, name, signal)
    // One that is to be made, or that only has children so far, will be a label.
    const roots = found?.selectable === true && !isCounted(found) ? [] : quotaRootsOf(rights)
    // quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
    yield `* QUOTAROOT ${[writeMailboxName(name, utf8), ...roots.map(imapString)].join(' ')}\r\n`
    for (const root of roots) yield quotaLine(root, await mailstore.mailboxes(signal))
    return undefined
  },
})

import { speaksUtf8, type Authenticated } from '../command.ts'
import { writeMailboxName } from '../mailbox-name.ts'
import { listLine } from './attributes.ts'
import { listedNames } from './names.ts'

/**
 * LIST of one mailbox, as a client of IMAP4rev2 gets it unasked. A name that the client wrote otherwise than it is kept, in
 * another composition of Unicode, is told as OLDNAME. RFC 9051 section 6.3.9.7.
 */
export async function oneListLine(context: Authenticated, name: string, supplied: string): Promise<string> {
  const { mailstore, rights, enabled, signal } = context
  const utf8 = speaksUtf8(enabled)
  const listed = listedNames(await mailstore.mailboxes(signal), rights).find((one) => one.name === name)
  if (listed === undefined) return ''
  const oldName = supplied === name ? '' : ` ("OLDNAME" (${writeMailboxName(supplied, utf8)}))`
  return listLine(listed, { keyword: 'LIST', utf8, nonExistent: true }, oldName)
}

import { MailError } from '#mail/errors.ts'
import { indexOfUid, keyAt } from '#mail/snapshot.ts'
import type { Authenticated } from '../command.ts'
import { OpenedMessage } from '../fetch/opened-message.ts'
import { readSection } from '../fetch/section.ts'
import type { Section } from '../fetch/section.ts'
import { findMailbox, inboxInCapitals } from '../mailbox-name.ts'
import { Parser, ProtocolError } from '../parser.ts'
import type { View } from '../view.ts'

/** What CATENATE acts on. */
export interface Appending extends Authenticated {
  /** The mailbox that is selected, if one is. */
  readonly selected?: View | undefined
}

/** What a URL of this server names: `/INBOX;UIDVALIDITY=7/;UID=20/;SECTION=1.2/;PARTIAL=0.1024`. RFC 5092 section 11. */
interface MessageUrl {
  readonly mailbox: string
  readonly uidValidity: number | undefined
  readonly uid: number
  readonly section: Section
  readonly partial: { readonly offset: number; readonly count: number | undefined } | undefined
}

const form =
  /^(?:\/?(?<mailbox>[^;/?#]+(?:\/[^;/?#]+)*)(?:;UIDVALIDITY=(?<validity>\d{1,10}))?\/)?;UID=(?<uid>\d{1,10})(?:\/;SECTION=(?<section>[^;/?#]+))?(?:\/;PARTIAL=(?<offset>\d{1,10})(?:\.(?<count>\d{1,10}))?)?$/i

/**
 * Relative to this server, or to the mailbox that is selected: `;UID=20/;SECTION=1.2`. Undefined for what is none of ours. RFC
 * 4469 section 3.
 */
function readMessageUrl(url: string, selected: string): MessageUrl | undefined {
  const found = form.exec(url)?.groups
  if (found === undefined) return undefined
  const { mailbox = encodeURIComponent(selected), validity, uid, section, offset, count } = found
  try {
    return {
      mailbox: inboxInCapitals(decodeURIComponent(mailbox)),
      uidValidity: validity === undefined ? undefined : Number(validity),
      uid: Number(uid),
      section: sectionNamed(section === undefined ? '' : decodeURIComponent(section)),
      partial:
        offset === undefined
          ? undefined
          : { offset: Number(offset), count: count === undefined ? undefined : Number(count) },
    }
  } catch (error) {
    if (error instanceof URIError || error instanceof ProtocolError) return undefined
    throw error
  }
}

/** The octets that a URL names; undefined when there is no such thing, or this login may not see it. */
export async function bytesOfUrl(context: Appending, text: string): Promise<Buffer | undefined> {
  const { mailstore, rights, signal, selected } = context
  const url = readMessageUrl(text, selected?.mailbox.name ?? '')
  if (url === undefined) return undefined
  const mailbox = await findMailbox(mailstore, url.mailbox, signal, rights)
  if (mailbox?.id === undefined || !mailbox.selectable) return undefined
  const open = await mailstore.open(mailbox.id, signal)
  const snapshot = open.snapshot()
  open.close()
  const at = indexOfUid(snapshot, url.uid)
  if (at === -1 || (url.uidValidity ?? snapshot.uidValidity) !== snapshot.uidValidity) return undefined
  try {
    const octets = new OpenedMessage(await mailstore.body(keyAt(snapshot, at), signal)).section(url.section)
    const { offset = 0, count } = url.partial ?? {}
    const wanted = octets?.subarray(offset, count === undefined ? undefined : offset + count)
    // A copy, so that a part of a large message does not keep all of it.
    return wanted === undefined ? undefined : Buffer.from(wanted)
  } catch (error) {
    if (error instanceof MailError && error.code === 'expunged') return undefined
    throw error
  }
}

function sectionNamed(text: string): Section {
  const parser = new Parser(Buffer.from(`[${text}]`, 'latin1'))
  const { section } = readSection(parser)
  parser.end()
  return section
}

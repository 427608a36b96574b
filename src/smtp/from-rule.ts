import type { Sender } from '#mail/outbox.ts'
import type { HeaderField } from './header-fields.ts'
import { addressesIn, canonicalAddress } from './recipients.ts'
import { listAddresses, SubmissionRefusal } from './refusal.ts'

/**
 * Whether the authors may be named: each address in From (one field, RFC 5322 section 3.6) and Sender must be the
 * account's or a verified send-as, since Gmail silently puts its own in the place of any other. Throws SubmissionRefusal.
 */
export function checkFrom(
  from: readonly HeaderField[],
  sender: readonly HeaderField[],
  senders: readonly Sender[],
): void {
  if (from.length > 1 || sender.length > 1)
    throw new SubmissionRefusal(550, '5.6.0', 'The header has From or Sender more than once')
  const [field] = from
  const authors = field === undefined ? [] : addressesIn(field)
  if (field !== undefined && authors.length === 0)
    throw new SubmissionRefusal(550, '5.1.7', 'The field From has no address')
  // "If the from field contains more than one mailbox specification, then the sender field MUST appear." RFC 5322 3.6.2.
  if (authors.length > 1 && sender.length === 0)
    throw new SubmissionRefusal(
      550,
      '5.6.0',
      'From names several people: the field Sender must say who sends it',
    )
  const allowed = new Set(senders.map(({ address }) => canonicalAddress(address)))
  const others = [...authors, ...sender.flatMap(addressesIn)].filter((address) => !allowed.has(address))
  if (others.length > 0)
    throw new SubmissionRefusal(
      550,
      '5.7.60',
      `From cannot be ${listAddresses(others)}. Allowed: ${listAddresses(senders.map(({ address }) => address))}. ` +
        'Other addresses must first be added and verified in Gmail (Settings, Accounts, Send mail as)',
    )
}

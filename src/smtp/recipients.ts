import { domainToASCII } from 'node:url'
import { addressLimit, parseAddresses } from '#mail/mime/address.ts'
import type { Address } from '#mail/mime/address.ts'
import type { HeaderField } from './header-fields.ts'
import { SubmissionRefusal } from './refusal.ts'

/** Atoms and dots, or UTF-8: a local part that every reader takes for the same. RFC 5322 section 3.2.3, RFC 6532. */
const plainLocal = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\uffff-]{1,64}$/
const plainHost = /^[A-Za-z0-9.\u0080-\uffff-]{1,253}$/

/** Gmail takes at most this many recipients of a message (facts: peers section 3). */
export const recipientLimit = 100

/**
 * The form in which addresses are compared: lower case, the domain in its ASCII form. Undefined for one that is not of
 * the form local@domain, or that readers could take for different addresses (quoted local parts, routes).
 */
export function canonicalAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  const host = address.slice(at + 1)
  if (at < 1 || !plainLocal.test(local) || !plainHost.test(host)) return undefined
  const domain = domainToASCII(host)
  return domain === '' ? undefined : `${local.toLowerCase()}@${domain}`
}

/** The addresses of a field, canonical; group names left out. Throws SubmissionRefusal for one that cannot be relied on. */
export function addressesIn(field: HeaderField): string[] {
  const found: string[] = []
  const elements = parseAddresses(field.value)
  // The parser leaves out what is beyond its limit, Gmail would not.
  if (elements.length >= addressLimit)
    throw new SubmissionRefusal(550, '5.5.3', `The field ${capitalised(field.name)} has too many addresses`)
  for (const element of elements) {
    if (element.host === undefined) continue
    const address = canonicalAddress(text(element))
    if (address === undefined || element.route !== undefined)
      throw new SubmissionRefusal(
        550,
        '5.1.3',
        `The field ${capitalised(field.name)} has an address that is not of the form name@example.com`,
      )
    found.push(address)
  }
  return found
}

/** Header text has one character per octet. */
function text({ mailbox, host }: Address): string {
  return Buffer.from(`${mailbox}@${host}`, 'latin1').toString('utf8')
}

/** `message-id` as it is written in headers and replies: `Message-Id`. */
export function capitalised(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

import type { MessageRecord } from '#mail/mailstore.ts'
import { decodeHeaderText } from '#mail/mime/encoded-word.ts'
import type { Parser } from '../parser.ts'
import { baseSubject } from './base-subject.ts'
import { collationKey } from './collation.ts'
import { firstAddress } from './first-address.ts'

const names = ['ARRIVAL', 'CC', 'DATE', 'DISPLAYFROM', 'DISPLAYTO', 'FROM', 'SIZE', 'SUBJECT', 'TO'] as const

type CriterionName = (typeof names)[number]

/** By what messages are put in order. RFC 5256 section 3, RFC 5957 section 4. */
export interface Criterion {
  readonly name: CriterionName
  readonly reverse: boolean
}

const known = new Map<string, CriterionName>(names.map((name) => [name, name]))
/** Twice as many as there are. A criterion that was there already decides nothing. */
const criterionLimit = 18

/** sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"; sort-criterion = ["REVERSE" SP] sort-key. Throws ProtocolError. */
export function readCriteria(parser: Parser): Criterion[] {
  const criteria = parser.list(() => {
    const first = parser.keyword('A sort criterion')
    const reverse = first === 'REVERSE'
    if (reverse) parser.space()
    const name = known.get(reverse ? parser.keyword('A sort criterion') : first)
    if (name === undefined) parser.fail('This sort criterion is not known')
    return { name, reverse }
  })
  if (criteria.length === 0) parser.fail('A sort criterion is missing')
  if (criteria.length > criterionLimit) parser.fail(`More than ${criterionLimit} sort criteria`)
  return criteria
}

/** What a message is put in order by: a number, or a string that compares by `<`. */
export function sortValue(name: CriterionName, { internalDate, summary }: MessageRecord): number | string {
  switch (name) {
    case 'ARRIVAL':
      return internalDate
    case 'DATE':
      return sentOrArrived(summary.sentDate, internalDate)
    case 'SIZE':
      return summary.sizeBytes
    case 'SUBJECT':
      return collationKey(baseSubject(summary.subject).text)
    case 'FROM':
      return mailboxOf(summary.envelope, 'from')
    case 'TO':
      return mailboxOf(summary.envelope, 'to')
    case 'CC':
      return mailboxOf(summary.envelope, 'cc')
    case 'DISPLAYFROM':
      return shownName(summary.envelope, 'from')
    case 'DISPLAYTO':
      return shownName(summary.envelope, 'to')
  }
}

/** "If the sent date cannot be determined … the INTERNALDATE for that message is used". RFC 5256 section 2.2. */
export function sentOrArrived(sentDate: number | undefined, internalDate: number): number {
  return sentDate ?? internalDate
}

/** addr-mailbox of the first address, or nothing. RFC 5256 section 3. */
function mailboxOf(envelope: string, field: 'from' | 'to' | 'cc'): string {
  return collationKey(decodeHeaderText(firstAddress(envelope, field)?.mailbox ?? ''))
}

/** The name that people see; without one, the address; of a group its name. RFC 5957 section 3. */
function shownName(envelope: string, field: 'from' | 'to'): string {
  const address = firstAddress(envelope, field)
  if (address === undefined) return ''
  const { name = '', mailbox = '', host } = address
  const shown = decodeHeaderText(name).trim()
  if (shown !== '') return collationKey(shown)
  return collationKey(decodeHeaderText(host === undefined ? mailbox : `${mailbox}@${host}`))
}

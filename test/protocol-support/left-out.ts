/** An extension that Postern does not announce. */
interface LeftOut {
  readonly name: string
  readonly rfc: string
  /** One sentence. */
  readonly reason: string
}

/** What is left out on purpose. */
export const leftOut: readonly LeftOut[] = [
  {
    name: 'MULTISEARCH',
    rfc: '7377',
    reason: '`[Gmail]/All Mail` is the one mailbox in which everything can be searched.',
  },
  {
    name: 'MESSAGELIMIT',
    rfc: '9738',
    reason: 'No command has a limit on how many messages it takes.',
  },
  { name: 'METADATA', rfc: '5464', reason: 'Gmail has no place for annotations of a label.' },
  { name: 'ACL', rfc: '4314', reason: 'Labels cannot be shared.' },
  { name: 'URLAUTH', rfc: '4467', reason: 'Nothing fetches mail by such addresses any more.' },
  { name: 'FILTERS', rfc: '5466', reason: 'No client uses it; X-GM-RAW serves for searches that are kept.' },
]

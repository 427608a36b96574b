import { saslMechanisms } from '#wire/sasl.ts'

/** What CAPABILITY depends on. */
export interface CapabilityState {
  readonly authenticated: boolean
  readonly mayStartTls: boolean
  /** A password may cross this connection. */
  readonly mayLogin: boolean
  /** Both directions are compressed. */
  readonly compressed: boolean
  /** Not announced although they work: for a client that trips over one. Upper case. */
  readonly hidden: ReadonlySet<string>
}

const always = ['IMAP4rev1', 'SASL-IR', 'LITERAL+', 'ID', 'ENABLE', 'IDLE']
const mechanisms = saslMechanisms.map((name) => `AUTH=${name}`)
const inside = [
  'COMPRESS=DEFLATE',
  'NAMESPACE',
  'UNSELECT',
  'CHILDREN',
  'SPECIAL-USE',
  'XLIST',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'ESEARCH',
  'ESORT',
  'PARTIAL',
  'PREVIEW',
  'SORT',
  'SORT=DISPLAY',
  'SEARCHRES',
  'STATUS=SIZE',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'THREAD=REFS',
  'WITHIN',
  'OBJECTID',
  'UTF8=ACCEPT',
  'INPROGRESS',
]

/** The words after `CAPABILITY`. Only what works is in it. RFC 9051 section 7.2.2. */
export function capabilityText(state: CapabilityState): string {
  const words = [...always]
  if (state.authenticated) {
    words.push(...inside)
    if (!state.compressed) words.push('UNAUTHENTICATE')
  } else {
    if (state.mayStartTls) words.push('STARTTLS')
    words.push(...(state.mayLogin ? mechanisms : ['LOGINDISABLED']))
  }
  return words.filter((word) => !state.hidden.has(word.toUpperCase())).join(' ')
}

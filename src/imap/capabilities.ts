import { saslMechanisms } from '#wire/sasl.ts'

/** What CAPABILITY depends on. */
export interface CapabilityState {
  readonly authenticated: boolean
  readonly mayStartTls: boolean
  /** A password may cross this connection. */
  readonly mayLogin: boolean
  /** Octets that a message put in may have; undefined before login. */
  readonly appendLimitBytes?: number | undefined
  /** Both directions are compressed. */
  readonly compressed: boolean
  /** Not announced although they work: for a client that trips over one. Upper case. */
  readonly hidden: ReadonlySet<string>
}

const mechanismRfcs = new Map([
  ['PLAIN', '4616'],
  ['LOGIN', 'draft-murchison-sasl-login'],
  ['OAUTHBEARER', '7628'],
])

/** A word of CAPABILITY, and where it is defined: an RFC, or who thought of it. */
type Capability = readonly [word: string, definedBy: string]

const always: readonly Capability[] = [
  ['IMAP4rev1', '3501'],
  ['IMAP4rev2', '9051'],
  ['SASL-IR', '4959'],
  ['LITERAL+', '7888'],
  ['ID', '2971'],
  ['ENABLE', '5161'],
  ['IDLE', '2177'],
]
const startTls: Capability = ['STARTTLS', '3501']
const loginDisabled: Capability = ['LOGINDISABLED', '3501']
const mechanisms = saslMechanisms.map((name): Capability => [
  `AUTH=${name}`,
  mechanismRfcs.get(name) ?? 'Google',
])
const inside: readonly Capability[] = [
  ['COMPRESS=DEFLATE', '4978'],
  ['NAMESPACE', '2342'],
  ['UNSELECT', '3691'],
  ['UIDPLUS', '4315'],
  ['MOVE', '6851'],
  ['MULTIAPPEND', '3502'],
  ['CATENATE', '4469'],
  ['REPLACE', '8508'],
  ['BINARY', '3516'],
  ['CHILDREN', '3348'],
  ['SPECIAL-USE', '6154'],
  ['CREATE-SPECIAL-USE', '6154'],
  ['XLIST', 'Gmail'],
  ['LIST-EXTENDED', '5258'],
  ['LIST-STATUS', '5819'],
  ['CONDSTORE', '7162'],
  ['CONTEXT=SEARCH', '5267'],
  ['CONTEXT=SORT', '5267'],
  ['QRESYNC', '7162'],
  ['ESEARCH', '4731'],
  ['ESORT', '5267'],
  ['PARTIAL', '9394'],
  ['PREVIEW', '8970'],
  ['SORT', '5256'],
  ['SORT=DISPLAY', '5957'],
  ['SAVEDATE', '8514'],
  ['SEARCHRES', '5182'],
  ['STATUS=SIZE', '8438'],
  ['THREAD=ORDEREDSUBJECT', '5256'],
  ['THREAD=REFERENCES', '5256'],
  ['THREAD=REFS', 'draft-ietf-morg-inthread-01'],
  ['WITHIN', '5032'],
  ['OBJECTID', '8474'],
  ['UIDONLY', '9586'],
  ['X-GM-EXT-1', 'Gmail'],
  ['UTF8=ACCEPT', '6855'],
  ['INPROGRESS', '9585'],
  ['NOTIFY', '5465'],
  ['QUOTA', '9208'],
  ['QUOTA=RES-MAILBOX', '9208'],
]
const appendLimit: Capability = ['APPENDLIMIT', '7889']
const unauthenticate: Capability = ['UNAUTHENTICATE', '8437']

/** Everything that is announced in some state, for docs/protocol-support.md. */
export const capabilities = [
  ...always,
  startTls,
  loginDisabled,
  ...mechanisms,
  ...inside,
  appendLimit,
  unauthenticate,
]

/** The words after `CAPABILITY`. Only what works is in it. RFC 9051 section 7.2.2. */
export function capabilityText(state: CapabilityState): string {
  const announced = [...always]
  if (state.authenticated) {
    announced.push(...inside)
    const { appendLimitBytes } = state
    if (appendLimitBytes !== undefined && !state.hidden.has('APPENDLIMIT'))
      announced.push([`APPENDLIMIT=${appendLimitBytes}`, '7889'])
    if (!state.compressed) announced.push(unauthenticate)
  } else {
    if (state.mayStartTls) announced.push(startTls)
    announced.push(...(state.mayLogin ? mechanisms : [loginDisabled]))
  }
  return announced
    .map(([word]) => word)
    .filter((word) => !isHidden(word.toUpperCase(), state.hidden))
    .join(' ')
}

/** Each resource of QUOTA is a word of its own that clients take for all of it. RFC 9208 section 3.1. */
function isHidden(word: string, hidden: ReadonlySet<string>): boolean {
  return hidden.has(word) || (word.startsWith('QUOTA=') && hidden.has('QUOTA'))
}

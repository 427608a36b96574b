import type { Reply } from './refusal.ts'

/**
 * What MAIL FROM may have behind the address. DSN's RET and ENVID are passed over: the devices that write them unasked would
 * not send without. decisions/0007.
 */
export const mailParameters: ReadonlySet<string> = new Set([
  'SIZE',
  'BODY',
  'SMTPUTF8',
  'AUTH',
  'RET',
  'ENVID',
])

/** The same of RCPT TO. */
export const recipientParameters: ReadonlySet<string> = new Set(['NOTIFY', 'ORCPT'])

/**
 * What is not announced is not understood, and must not be promised (REQUIRETLS, HOLDFOR, BY). RFC 5321 section 4.1.1.11.
 * `parameters` is as the library tells it: false for none.
 */
export function parameterRefusal(parameters: object | false, known: ReadonlySet<string>): Reply | undefined {
  if (parameters === false || Object.keys(parameters).every((word) => known.has(word.toUpperCase())))
    return undefined
  return { code: 555, enhanced: '5.5.4', text: 'A parameter behind the address is not known here' }
}

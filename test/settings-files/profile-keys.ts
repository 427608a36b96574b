type Kind = 'string' | 'integer' | 'boolean' | 'array' | 'data'

/** One key of a payload: its kind, whether it must be there, and which values it may have. */
type Key = readonly [kind: Kind, presence: 'required' | 'optional', values?: readonly (string | number)[]]

const common: readonly (readonly [string, Key])[] = [
  ['PayloadIdentifier', ['string', 'required']],
  ['PayloadUUID', ['string', 'required']],
  ['PayloadVersion', ['integer', 'required', [1]]],
  ['PayloadDisplayName', ['string', 'optional']],
  ['PayloadDescription', ['string', 'optional']],
  ['PayloadOrganization', ['string', 'optional']],
]

const authentication = ['EmailAuthNone', 'EmailAuthPassword', 'EmailAuthCRAMMD5', 'EmailAuthNTLM']

function mailServer(way: 'Incoming' | 'Outgoing'): [string, Key][] {
  return [
    [`${way}MailServerAuthentication`, ['string', 'required', [...authentication, 'EmailAuthHTTPMD5']]],
    [`${way}MailServerHostName`, ['string', 'required']],
    [`${way}MailServerPortNumber`, ['integer', 'optional']],
    [`${way}MailServerUseSSL`, ['boolean', 'optional']],
    [`${way}MailServerUsername`, ['string', 'optional']],
    [`${way}Password`, ['string', 'optional']],
  ]
}

/**
 * Which keys Apple knows, by payload type: github.com/apple/device-management, `mdm/profiles/TopLevel.yaml`,
 * `CommonPayloadKeys.yaml`, `com.apple.mail.managed.yaml` and `com.apple.security.root.yaml`. Of mail, what an IMAP account needs.
 */
const keysByType: ReadonlyMap<string, ReadonlyMap<string, Key>> = new Map([
  [
    'Configuration',
    new Map<string, Key>([
      ...common,
      ['PayloadType', ['string', 'required', ['Configuration']]],
      ['PayloadContent', ['array', 'required']],
      ['PayloadRemovalDisallowed', ['boolean', 'optional']],
      ['PayloadScope', ['string', 'optional', ['System', 'User']]],
    ]),
  ],
  [
    'com.apple.mail.managed',
    new Map<string, Key>([
      ...common,
      ['PayloadType', ['string', 'required']],
      ['EmailAccountDescription', ['string', 'optional']],
      ['EmailAccountName', ['string', 'optional']],
      ['EmailAccountType', ['string', 'required', ['EmailTypeIMAP', 'EmailTypePOP']]],
      ['EmailAddress', ['string', 'optional']],
      ['OutgoingPasswordSameAsIncomingPassword', ['boolean', 'optional']],
      ...mailServer('Incoming'),
      ...mailServer('Outgoing'),
    ]),
  ],
  [
    'com.apple.security.root',
    new Map<string, Key>([
      ...common,
      ['PayloadType', ['string', 'required']],
      ['PayloadCertificateFileName', ['string', 'optional']],
      ['PayloadContent', ['data', 'required']],
    ]),
  ],
])

/** A value of a property list, as plist.py prints it: octets are `{ data }`, in Base64. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }

/** What Apple's tables say against a profile and what is in it; empty when nothing. */
export function faultsOf(payload: Value): string[] {
  if (kindOf(payload) !== 'dictionary') return ['a payload is no dictionary']
  const entries = new Map(Object.entries(payload))
  const type = entries.get('PayloadType')
  const keys = typeof type === 'string' ? keysByType.get(type) : undefined
  if (keys === undefined) return [`${JSON.stringify(type)} is no type of payload that is looked for`]
  const faults = [...entries].flatMap(([name, value]) => {
    const key = keys.get(name)
    if (key === undefined) return [`${String(type)} has no key ${name}`]
    const [kind, , values] = key
    if (kindOf(value) !== kind) return [`${name} must be ${kind}, not ${kindOf(value)}`]
    return values === undefined || values.includes(value as string)
      ? []
      : [`${name} cannot be ${String(value)}`]
  })
  for (const [name, [, presence]] of keys)
    if (presence === 'required' && !entries.has(name)) faults.push(`${String(type)} lacks ${name}`)
  const content = entries.get('PayloadContent')
  return [...faults, ...(Array.isArray(content) ? content.flatMap((one: Value) => faultsOf(one)) : [])]
}

function kindOf(value: Value): Kind | 'dictionary' {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'data' in value ? 'data' : 'dictionary'
  if (typeof value === 'number') return 'integer'
  return typeof value === 'string' ? 'string' : 'boolean'
}

import type { MailServer } from '../house.ts'
import { serverFor } from './place.ts'
import type { Place } from './place.ts'

const securities = { none: 0, STARTTLS: 2, TLS: 3 } as const
const imap = 0
const smtp = 0
const passwordCleartext = 1

/**
 * What Thunderbird and K-9 on Android read from a code to set an account up: Thunderbird's “Export for Mobile”, version 1
 * (thunderbird-android, feature/migration/qrcode/qr-code-format.md). Without a password: the app asks for it. Undefined
 * where one of the two servers is missing, which the format does not allow.
 */
export function thunderbirdMobileAccount(place: Pick<Place, 'servers' | 'address'>): string | undefined {
  const incoming = serverFor(place, 'IMAP')
  const outgoing = serverFor(place, 'SMTP')
  if (incoming === undefined || outgoing === undefined) return undefined
  const { address } = place
  const server = ({ host, port, security }: MailServer) => [
    host,
    port,
    securities[security],
    passwordCleartext,
    address,
  ]
  const identity = [address, address]
  return JSON.stringify([1, [1, 1], [imap, ...server(incoming)], [[[smtp, ...server(outgoing)], identity]]])
}

import type { Place } from './place.ts'
import { absence, serverFor } from './place.ts'

/** Where programs in a terminal find Postern’s authority. */
export const authorityFile = '~/.config/postern/authority.pem'

/** As programs in a terminal name a server; why there is none, in brackets. */
export function url(place: Place, protocol: 'IMAP' | 'SMTP', schemes: readonly [string, string]): string {
  const server = serverFor(place, protocol)
  if (server === undefined) return `(${absence(place, protocol)})`
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  return `${server.security === 'TLS' ? schemes[0] : schemes[1]}://${host}:${server.port}`
}

/** How the authority gets to where the programs look for it; empty for a certificate that they trust anyway. */
export function fetchAuthority({ ownAuthority, url: page }: Place): string[] {
  return ownAuthority
    ? [
        `Fetch Postern’s authority once: mkdir -p ~/.config/postern && curl -o ${authorityFile} ${page}trust/authority.pem`,
      ]
    : []
}

export const keepPassword =
  'Make a password for it here and put it into a file that only you can read: install -m 600 /dev/stdin ~/.config/postern/password'

export const certificateTrouble = [
  'The certificate is not accepted',
  'Fetch the authority anew as above: it changes when Postern’s data folder was made anew or it listens under another name.',
] as const

import type { MailServer } from '../house.ts'

/** What a guide has to know of this installation. */
export interface Place {
  readonly servers: readonly MailServer[]
  /** User name of the mailbox to set up. */
  readonly address: string
  /** Of the pages, with a slash at the end. */
  readonly url: string
  /** Our own authority issued the certificate, and programs must be told to trust it. */
  readonly ownAuthority: boolean
}

/** The door of a protocol: with TLS from the first octet when there is one. */
export function serverFor(
  { servers }: Pick<Place, 'servers'>,
  protocol: MailServer['protocol'],
): MailServer | undefined {
  const ours = servers.filter((server) => server.protocol === protocol)
  return ours.find(({ security }) => security === 'TLS') ?? ours[0]
}

/** As people type it into a form. */
export function typed(place: Place, protocol: MailServer['protocol'], words: Words = {}): string {
  const server = serverFor(place, protocol)
  if (server === undefined) return `switched off in this Postern (${protocol})`
  const { tls = 'SSL/TLS', startTls = 'STARTTLS' } = words
  const security = server.security === 'TLS' ? tls : server.security === 'STARTTLS' ? startTls : 'none'
  return `${server.host}, port ${server.port}, encryption ${security}`
}

/** What a program calls the two kinds of encryption. */
interface Words {
  readonly tls?: string
  readonly startTls?: string
}

/** True when only programs on this machine reach the servers. */
export function isHereOnly({ servers }: Pick<Place, 'servers'>): boolean {
  return servers.every(({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'))
}

/** Servers that listen on every address, by the name under which the person found the pages. */
export function reachedAs(servers: readonly MailServer[], pageHost: string): readonly MailServer[] {
  const name = pageHost.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return servers.map((server) =>
    (server.host === '0.0.0.0' || server.host === '::') && name !== '' ? { ...server, host: name } : server,
  )
}

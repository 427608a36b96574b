import type { AccountState, MailServer } from '../house.ts'
import type { Guide } from './guide.ts'

type Protocol = MailServer['protocol']

/** What a guide has to know of this installation. */
export interface Place {
  readonly servers: readonly MailServer[]
  /** User name of the mailbox to set up. */
  readonly address: string
  /** Of the pages, with a slash at the end. */
  readonly url: string
  /** Our own authority issued the certificate, and programs must be told to trust it. */
  readonly ownAuthority: boolean
  /** Protocols that the access given to the mailbox leaves no use for. */
  readonly withheld?: readonly Protocol[]
}

/** The door of a protocol: with TLS from the first octet when there is one. */
export function serverFor({ servers }: Pick<Place, 'servers'>, protocol: Protocol): MailServer | undefined {
  const ours = servers.filter((server) => server.protocol === protocol)
  return ours.find(({ security }) => security === 'TLS') ?? ours[0]
}

/** As people type it into a form. */
export function typed(place: Place, protocol: Protocol, words: Words = {}): string {
  const server = serverFor(place, protocol)
  if (server === undefined) return `none (${absence(place, protocol)})`
  const { tls = 'SSL/TLS', startTls = 'STARTTLS' } = words
  const security = server.security === 'TLS' ? tls : server.security === 'STARTTLS' ? startTls : 'none'
  return `${server.host}, port ${server.port}, encryption ${security}`
}

/** The step that sets the outgoing server, as `step` words it; another one where nothing may be sent. */
export function outgoing(place: Place, step: (server: string) => string, words: Words = {}): string {
  return place.withheld?.includes('SMTP') === true
    ? 'Outgoing: leave it empty, or repeat the incoming server if the program insists on one. Nothing can be sent with this mailbox.'
    : step(typed(place, 'SMTP', words))
}

/** Why there is no server of a protocol. */
export function absence({ withheld = [] }: Pick<Place, 'withheld'>, protocol: Protocol): string {
  return withheld.includes(protocol)
    ? `the access given to this mailbox has no ${protocol}`
    : `${protocol} is switched off in this Postern`
}

/** What a program calls the two kinds of encryption. */
interface Words {
  readonly tls?: string
  readonly startTls?: string
}

/** What is of no use with the access that an account has: nothing to read, or nothing may be sent. */
export function withheldFrom(account: Pick<AccountState, 'access' | 'maySend'> | undefined): Protocol[] {
  if (account?.access === 'send') return ['IMAP', 'POP3']
  return account?.access === 'read' && account.maySend !== true ? ['SMTP'] : []
}

/** The servers that an account has a use for. */
export function fitting(
  servers: readonly MailServer[],
  account: Pick<AccountState, 'access' | 'maySend'> | undefined,
): readonly MailServer[] {
  const withheld = withheldFrom(account)
  return servers.filter(({ protocol }) => !withheld.includes(protocol))
}

/** What a withheld protocol means for the person; undefined when none is. */
export function withheldWords(withheld: readonly Protocol[] = []): string | undefined {
  if (withheld.length === 0) return undefined
  return withheld.includes('SMTP')
    ? 'This mailbox is connected for reading only: mail can be read, but nothing can be changed or sent with it.'
    : 'This mailbox is connected for sending only: there is nothing to read in it, so programs that want IMAP or POP3 cannot use it.'
}

/** Whether the access given to the mailbox has what a program cannot do without. */
export function suits({ needs }: Pick<Guide, 'needs'>, withheld: readonly Protocol[] = []): boolean {
  return needs === undefined || !withheld.includes(needs)
}

/** True when only programs on this machine reach the servers. */
export function isHereOnly({ servers }: Pick<Place, 'servers'>): boolean {
  return servers.every(({ host }) => isHere(host))
}

/** True when only a browser on this machine reaches the pages at this address. */
export function isPageHereOnly({ url }: Pick<Place, 'url'>): boolean {
  return !URL.canParse(url) || isHere(new URL(url).hostname.replace(/^\[|\]$/g, ''))
}

function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** Servers that listen on every address, by the name under which the person found the pages. */
export function reachedAs(servers: readonly MailServer[], pageHost: string): readonly MailServer[] {
  const name = pageHost.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return servers.map((server) =>
    (server.host === '0.0.0.0' || server.host === '::') && name !== '' ? { ...server, host: name } : server,
  )
}

import { BlockList, isIP } from 'node:net'

/** More would be a list for a firewall. */
export const mostSources = 100

interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Whether this names where a client may come from: an address (`192.0.2.7`, `2001:db8::7`) or a network (`192.0.2.0/24`). */
export function isSource(text: string): boolean {
  return networkOf(text) !== undefined
}

/** Whether a client at this address comes from one of the sources. What is no address comes from nowhere. */
export function comesFrom(sources: readonly string[], remoteAddress: string): boolean {
  const address = bare(remoteAddress)
  const version = isIP(address)
  if (version === 0) return false
  const list = new BlockList()
  for (const source of sources) {
    const network = networkOf(source)
    if (network !== undefined) list.addSubnet(network.address, network.prefix, network.family)
  }
  return list.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

function networkOf(text: string): Network | undefined {
  const [, address = '', prefix] = /^([0-9a-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? []
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const length = prefix === undefined ? bits : Number(prefix)
  if (version === 0 || length > bits) return undefined
  return { address, prefix: length, family: version === 6 ? 'ipv6' : 'ipv4' }
}

/** Without the zone of a link-local address; an IPv4 client of a socket that listens on `::` by its own address (RFC 4291 section 2.5.5.2). */
function bare(remoteAddress: string): string {
  const [address = ''] = remoteAddress.split('%', 1)
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)
  return mapped?.[1] ?? address
}

import { isIP, isIPv4, SocketAddress } from 'node:net'

/** The 4 or 16 octets of an address in the order of the network. Throws RangeError for what is no address. */
export function octetsOf(address: string): Uint8Array<ArrayBuffer> {
  if (isIP(address) === 0) throw new RangeError(`Cannot use ${JSON.stringify(address)} as an address`)
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  const short = new SocketAddress({ address, family: 'ipv6' }).address
  const [head = '', tail = ''] = short.split('::')
  const front = groupsOf(head)
  const back = groupsOf(tail)
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0')
  const hex = [...front, ...middle, ...back].map((group) => group.padStart(4, '0')).join('')
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/** Groups of an IPv6 address; an end that is written as an IPv4 address becomes two. RFC 4291 section 2.2. */
function groupsOf(part: string): string[] {
  return part
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (!group.includes('.')) return [group]
      const hex = Buffer.from(octetsOf(group)).toString('hex')
      return [hex.slice(0, 4), hex.slice(4)]
    })
}

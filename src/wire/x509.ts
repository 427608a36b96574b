import { createHash, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP, isIPv4, SocketAddress } from 'node:net'
import type { RandomBytes } from '#mail/surroundings.ts'
import { bits, integer, octets, oid, sequence, set, tagged, taggedOctets, text, time, yes } from './der.ts'

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

/** Writes X.509 certificates, which node:crypto reads and cannot make. RFC 5280. */
export function issueCertificate(options: {
  /** Its common name. */
  subject: string
  publicKey: KeyObject
  /** Common name and private key (P-256) of who issues it. */
  issuer: { name: string; key: KeyObject; publicKey: KeyObject }
  notBefore: number
  notAfter: number
  extensions: readonly Buffer[]
  randomBytes: RandomBytes
}): string {
  const { subject, publicKey, issuer, notBefore, notAfter, extensions, randomBytes } = options
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const body = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', false, octets(keyIdOf(publicKey))),
        extension('2.5.29.35', false, sequence(taggedOctets(0, keyIdOf(issuer.publicKey)))),
      ),
    ),
  )
  const der = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuer.key)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** May sign certificates of servers alone, and none of another authority. RFC 5280 section 4.2.1.9. */
export function authorityExtensions(): Buffer[] {
  return [
    extension('2.5.29.19', true, sequence(yes(), integer(Buffer.of(0)))),
    // keyCertSign and cRLSign: bits 5 and 6.
    extension('2.5.29.15', true, bits(Buffer.of(0b0000_0110), 1)),
  ]
}

export function serverExtensions(names: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.19', true, sequence()),
    // digitalSignature: bit 0.
    extension('2.5.29.15', true, bits(Buffer.of(0b1000_0000), 7)),
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...names.map((name) => generalName(name, bytesOf(name))))),
  ]
}

/** What the authority may vouch for: these names (with those below them) and addresses. RFC 5280 section 4.2.1.10. */
export function nameConstraints(names: readonly string[]): Buffer {
  const permitted = names.map((name) =>
    sequence(
      generalName(name, isIP(name) === 0 ? bytesOf(name) : Buffer.concat([bytesOf(name), wholeMask(name)])),
    ),
  )
  return extension('2.5.29.30', true, sequence(tagged(0, ...permitted)))
}

function wholeMask(address: string): Buffer {
  return Buffer.alloc(isIPv4(address) ? 4 : 16, 0xff)
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value))
}

/** dNSName or iPAddress. RFC 5280 section 4.2.1.6. */
function generalName(name: string, bytes: Buffer): Buffer {
  return taggedOctets(isIP(name) === 0 ? 2 : 7, bytes)
}

function bytesOf(name: string): Buffer {
  if (isIP(name) === 0) return Buffer.from(name, 'ascii')
  if (isIPv4(name)) return Buffer.from(name.split('.').map(Number))
  const short = new SocketAddress({ address: name, family: 'ipv6' }).address
  const [head = '', tail] = short.split('::')
  const front = groups(head)
  const back = groups(tail ?? '')
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0')
  const all = [...front, ...middle, ...back]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** Groups of an IPv6 address; one that ends as an IPv4 address is written in groups too. */
function groups(part: string): string[] {
  return part
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (!group.includes('.')) return [group]
      const hex = Buffer.from(group.split('.').map(Number)).toString('hex')
      return [hex.slice(0, 4), hex.slice(4)]
    })
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), text(commonName))))
}

/** RFC 5280 section 4.2.1.2, method 1, over the whole key's encoding. */
function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

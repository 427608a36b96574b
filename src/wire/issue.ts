import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Integer, OctetString, Utf8String } from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  Certificate,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
  TimeType,
} from 'pkijs'
import type { Extension } from 'pkijs'
import { authorityExtensions, extension, serverExtensions } from './certificate-extensions.ts'

const commonName = '2.5.4.3'
const subjectKeyIdentifier = '2.5.29.14'
const authorityKeyIdentifier = '2.5.29.35'

/** Epoch milliseconds. */
interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** PEM both. */
interface Issued {
  readonly certificate: string
  readonly key: string
}

/** An authority of that name, signed by itself, that may vouch for `names` alone. RFC 5280 section 4.2.1.10. */
export async function issueAuthority(
  name: string,
  { names, ...validity }: Validity & { names: readonly string[] },
): Promise<Issued> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = blank(publicKey, nameOf(name), validity)
  certificate.issuer = certificate.subject
  const keyId = keyIdOf(certificate.subjectPublicKeyInfo)
  await sign(certificate, authorityExtensions(names), keyId, privateKey)
  return { certificate: pemOf(certificate), key: pemOfKey(privateKey) }
}

/**
 * A certificate for the server of these names, by the authority (PEM) with its key. The authority's name and key
 * identifier are taken as they are encoded there: encoded anew they may differ, and who trusts the authority would not
 * find it. RFC 5280 sections 4.1.2.4 and 4.2.1.1.
 */
export async function issueServer(
  [first, ...more]: readonly [string, ...string[]],
  { authority, authorityKey, ...validity }: Validity & { authority: string; authorityKey: KeyObject },
): Promise<Issued> {
  const issuer = Certificate.fromBER(new Uint8Array(new X509Certificate(authority).raw))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = blank(publicKey, nameOf(first), validity)
  certificate.issuer = issuer.subject
  const kept = issuer.extensions?.find(({ extnID }) => extnID === subjectKeyIdentifier)
    ?.parsedValue as unknown
  const keyId = kept instanceof OctetString ? kept : keyIdOf(issuer.subjectPublicKeyInfo)
  await sign(certificate, serverExtensions([first, ...more]), keyId, authorityKey)
  return { certificate: pemOf(certificate), key: pemOfKey(privateKey) }
}

function blank(
  publicKey: KeyObject,
  subject: RelativeDistinguishedNames,
  { notBefore, notAfter }: Validity,
): Certificate {
  const serial = Uint8Array.from(randomBytes(16))
  // Positive, and all 16 octets long. RFC 5280 section 4.1.2.2.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  return new Certificate({
    // Of version 3.
    version: 2,
    serialNumber: new Integer({ valueHex: serial.buffer }),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    subject,
    subjectPublicKeyInfo: PublicKeyInfo.fromBER(
      Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })),
    ),
  })
}

async function sign(
  certificate: Certificate,
  extensions: readonly Extension[],
  issuerKeyId: OctetString,
  issuerKey: KeyObject,
): Promise<void> {
  const keyId = keyIdOf(certificate.subjectPublicKeyInfo)
  // A copy: the library tags the one it is given.
  const keyIdentifier = new OctetString({ valueHex: issuerKeyId.getValue() })
  certificate.extensions = [
    ...extensions,
    extension(subjectKeyIdentifier, { value: keyId }),
    extension(authorityKeyIdentifier, {
      value: new AuthorityKeyIdentifier({ keyIdentifier }).toSchema(),
    }),
  ]
  const key = issuerKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  await certificate.sign(key, 'SHA-256')
}

function nameOf(text: string): RelativeDistinguishedNames {
  const value = new Utf8String({ value: text })
  return new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type: commonName, value })],
  })
}

/** To the second; UTCTime up to 2049 and GeneralizedTime after it. RFC 5280 section 4.1.2.5. */
function timeOf(epochMs: number): Time {
  const value = new Date(Math.floor(epochMs / 1000) * 1000)
  return new Time({
    type: value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime,
    value,
  })
}

/** RFC 5280 section 4.2.1.2, method 1. */
function keyIdOf({ subjectPublicKey }: PublicKeyInfo): OctetString {
  const digest = createHash('sha1').update(subjectPublicKey.valueBlock.valueHexView).digest()
  return new OctetString({ valueHex: Uint8Array.from(digest).buffer })
}

function pemOf(certificate: Certificate): string {
  return new X509Certificate(Buffer.from(certificate.toSchema(true).toBER())).toString()
}

function pemOfKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' })
}

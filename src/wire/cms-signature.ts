import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ObjectIdentifier, OctetString } from 'asn1js'
import {
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs'

const contentTypeAttribute = '1.2.840.113549.1.9.3'
const messageDigestAttribute = '1.2.840.113549.1.9.4'
const curves = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
])

/**
 * The content inside its signature, in CMS, which is how profiles for Apple's systems are signed. RFC 5652 section 5.
 * `certificate` is PEM with the signer's own first; the rest of the chain goes along. Rejects with RangeError for a key that
 * is neither RSA nor of one of NIST's curves.
 */
export async function signedContent(
  content: Uint8Array,
  { certificate, key }: { certificate: string; key: string },
): Promise<Buffer> {
  const certificates = chainIn(certificate)
  const [own] = certificates
  if (own === undefined) throw new RangeError('Cannot sign without a certificate')
  const encapContentInfo = new EncapsulatedContentInfo({ eContentType: ContentInfo.DATA })
  // Set here: the constructor would cut it into pieces, which DER does not.
  encapContentInfo.eContent = octets(content)
  const digest = createHash('sha256').update(content).digest()
  const signed = new SignedData({
    encapContentInfo,
    certificates,
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: own.issuer, serialNumber: own.serialNumber }),
        signedAttrs: new SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            attribute(contentTypeAttribute, new ObjectIdentifier({ value: ContentInfo.DATA })),
            attribute(messageDigestAttribute, octets(digest)),
          ],
        }),
      }),
    ],
  })
  await signed.sign(signingKey(createPrivateKey(key)), 0, 'SHA-256')
  const info = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signed.toSchema(true) })
  return Buffer.from(info.toSchema().toBER())
}

function signingKey(key: KeyObject) {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') return key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])
  const namedCurve = type === 'ec' ? curves.get(details?.namedCurve ?? '') : undefined
  if (namedCurve === undefined)
    throw new RangeError(`Cannot sign with a key of the type ${details?.namedCurve ?? type}`)
  return key.toCryptoKey({ name: 'ECDSA', namedCurve }, false, ['sign'])
}

function chainIn(pem: string): Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => Certificate.fromBER(Uint8Array.from(new X509Certificate(block).raw)))
}

function attribute(type: string, value: OctetString | ObjectIdentifier): Attribute {
  return new Attribute({ type, values: [value] })
}

function octets(content: Uint8Array): OctetString {
  return new OctetString({ valueHex: Uint8Array.from(content).buffer })
}

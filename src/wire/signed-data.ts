import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { contentOf, elementsOf, integer, nothing, octets, oid, sequence, set, tagged } from './der.ts'

const data = oid('1.2.840.113549.1.7.1')
const signedDataType = oid('1.2.840.113549.1.7.2')
const contentTypeAttribute = oid('1.2.840.113549.1.9.3')
const messageDigestAttribute = oid('1.2.840.113549.1.9.4')
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'))
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const rsa = sequence(oid('1.2.840.113549.1.1.1'), nothing())

/**
 * The content inside its signature, in CMS, which is how profiles for Apple's systems are signed. RFC 5652 section 5.
 * `certificate` is PEM with the signer's own first; the rest of the chain goes along. Throws RangeError for a key that is
 * neither RSA nor of an elliptic curve.
 */
export function signedData(
  content: Uint8Array,
  { certificate, key }: { certificate: string; key: string },
): Buffer {
  const chain = certificatesIn(certificate)
  const [own] = chain
  if (own === undefined) throw new RangeError('Cannot sign without a certificate')
  const privateKey = createPrivateKey(key)
  const algorithm = privateKey.asymmetricKeyType
  if (algorithm !== 'rsa' && algorithm !== 'ec')
    throw new RangeError(`Cannot sign with a key of the type ${algorithm}`)
  const attributes = [
    sequence(contentTypeAttribute, set(data)),
    sequence(messageDigestAttribute, set(octets(createHash('sha256').update(content).digest()))),
  ]
  // Signed as a SET, sent under [0]: the order of its members is the same. RFC 5652 section 5.4.
  const signedAttributes = set(...attributes)
  const signature = sign('sha256', signedAttributes, privateKey)
  const signer = sequence(
    integer(Buffer.of(1)),
    issuerAndSerial(own),
    sha256,
    tagged(0, contentOf(signedAttributes)),
    algorithm === 'ec' ? ecdsaWithSha256 : rsa,
    octets(signature),
  )
  return sequence(
    signedDataType,
    tagged(
      0,
      sequence(
        integer(Buffer.of(1)),
        set(sha256),
        sequence(data, tagged(0, octets(content))),
        tagged(0, ...chain),
        set(signer),
      ),
    ),
  )
}

function certificatesIn(pem: string): Buffer[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block).raw)
}

/** From the certificate as it is, since a name encoded anew may differ. RFC 5280 section 4.1. */
function issuerAndSerial(certificate: Buffer): Buffer {
  const [body] = elementsOf(contentOf(certificate))
  const fields = elementsOf(contentOf(body as Buffer))
  // The version, [0], is left out in certificates of version 1.
  const at = fields[0]?.[0] === 0xa0 ? 1 : 0
  return sequence(fields[at + 2] as Buffer, fields[at] as Buffer)
}

import { createHash, generateKeyPair, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const makePair = promisify(generateKeyPair)

/** The key that signs ID tokens, made when first needed: RSA keys take a while. */
export class SigningKey {
  #pair: Promise<{ publicKey: KeyObject; privateKey: KeyObject; kid: string }> | undefined

  /** The JWK set of `/oauth2/v3/certs`. */
  async keySet(): Promise<{ keys: object[] }> {
    const { publicKey, kid } = await this.#ready()
    return { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid }] }
  }

  /** A JWT with these claims. RFC 7519. */
  async sign(claims: object): Promise<string> {
    const { privateKey, kid } = await this.#ready()
    const text = `${segment({ alg: 'RS256', kid, typ: 'JWT' })}.${segment(claims)}`
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
  }

  #ready() {
    this.#pair ??= makePair('rsa', { modulusLength: 2048 }).then(({ publicKey, privateKey }) => {
      const der = publicKey.export({ format: 'der', type: 'spki' })
      return { publicKey, privateKey, kid: createHash('sha256').update(der).digest('hex').slice(0, 40) }
    })
    return this.#pair
  }
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Google's numeric id of a person, made from the address. */
export function subjectOf(address: string): string {
  const digest = createHash('sha256').update(address.toLowerCase()).digest()
  return `1${(digest.readBigUInt64BE() % 10n ** 20n).toString().padStart(20, '0')}`
}

/** `at_hash` of OpenID Connect: the left half of the access token's SHA-256. */
export function accessTokenHash(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
}

import { baseUrl } from '#mail/base-url.ts'

/** Where Google answers. Every address is whole, without a slash at the end. */
export interface Endpoints {
  /** The consent page. */
  readonly authUrl: string
  readonly tokenUrl: string
  readonly tokenInfoUrl: string
  readonly userInfoUrl: string
  /** The IAM Service Account Credentials API's host, where service accounts without a key sign. */
  readonly iamUrl: string
  /** Of the Gmail API: `/gmail/v1/…` follows. */
  readonly apiUrl: string
}

const google: Endpoints = {
  authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  tokenInfoUrl: 'https://oauth2.googleapis.com/tokeninfo',
  userInfoUrl: 'https://openidconnect.googleapis.com/v1/userinfo',
  iamUrl: 'https://iamcredentials.googleapis.com',
  apiUrl: 'https://gmail.googleapis.com',
}

/**
 * Google's addresses, or those of another host that speaks the same (fact sheet section 5.3). An address without a path, one
 * that ends in a slash and one that is the Gmail API's too say where everything lies: Google's own path follows. Who names
 * another token endpoint gets tokeninfo beside it, and userinfo at its host or where the Gmail API lies there.
 * Throws RangeError for what is no http or https URL.
 */
export function endpointsFrom(given: {
  authUrl?: string | undefined
  tokenUrl?: string | undefined
  apiUrl?: string | undefined
  iamUrl?: string | undefined
}): Endpoints {
  const apiUrl = given.apiUrl === undefined ? google.apiUrl : baseUrl(checked(given.apiUrl).href)
  const complete = (text: string, path: string) => {
    const { href, pathname } = checked(text)
    return pathname.endsWith('/') || baseUrl(href) === apiUrl ? baseUrl(href) + path : href
  }
  const authUrl = given.authUrl === undefined ? google.authUrl : complete(given.authUrl, '/o/oauth2/v2/auth')
  const iamUrl = given.iamUrl === undefined ? google.iamUrl : checked(given.iamUrl).origin
  const tokenUrl = given.tokenUrl === undefined ? google.tokenUrl : complete(given.tokenUrl, '/token')
  if (tokenUrl === google.tokenUrl) return { ...google, authUrl, iamUrl, apiUrl }
  const place = tokenUrl.startsWith(`${apiUrl}/`) ? apiUrl : new URL(tokenUrl).origin
  return {
    authUrl,
    tokenUrl,
    tokenInfoUrl: new URL('tokeninfo', tokenUrl).href,
    userInfoUrl: `${place}/v1/userinfo`,
    iamUrl,
    apiUrl,
  }
}

function checked(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new RangeError(
      `Cannot use ${JSON.stringify(text.slice(0, 200))} as an address of Google's: it must begin with https:// or http://`,
    )
  return url
}

import { z } from 'zod'

/** The OAuth client by which Google knows this installation. The secret of a desktop client is not secret towards its owner. */
export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string | undefined
}

/** What was pasted is no OAuth client; the message says what it is instead and may be shown. */
export class OAuthClientError extends Error {
  override readonly name = 'OAuthClientError'
}

const keys = z.object({ client_id: z.string(), client_secret: z.string().optional() })
const downloaded = z.union([
  z.object({ installed: keys }).transform(({ installed }) => installed),
  z.object({ web: keys }).transform(({ web }) => web),
  keys,
])

/** From the file that the Cloud console lets people download, or from the two values. Throws OAuthClientError. */
export function readOAuthClient(given: {
  json?: string
  clientId?: string
  clientSecret?: string
}): OAuthClient {
  const json = given.json?.trim() ?? ''
  if (json !== '') return fromJson(json)
  return checked(given.clientId?.trim() ?? '', given.clientSecret?.trim() ?? '')
}

function fromJson(text: string): OAuthClient {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OAuthClientError(
      'This is no JSON file. Open the downloaded file in a text editor and copy all of it',
    )
  }
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'service_account')
    throw new OAuthClientError(
      'This is the key of a service account, not an OAuth client. Choose “OAuth client ID” and “Desktop app” in the Cloud console',
    )
  const read = downloaded.safeParse(value)
  if (!read.success)
    throw new OAuthClientError(
      'This file holds no OAuth client. Download it from “Clients” in the Cloud console: its name begins with client_secret',
    )
  return checked(read.data.client_id, read.data.client_secret ?? '')
}

function checked(clientId: string, clientSecret: string): OAuthClient {
  if (clientId === '') throw new OAuthClientError('The client id is missing')
  if (clientId.startsWith('GOCSPX-'))
    throw new OAuthClientError('This is the client secret where the client id belongs. Exchange the two')
  if (clientId.startsWith('AIza'))
    throw new OAuthClientError('This is an API key. Postern needs an OAuth client of the type “Desktop app”')
  if (!/^[A-Za-z0-9._-]{5,200}$/.test(clientId) || !clientId.includes('.'))
    throw new OAuthClientError('This is no client id: one ends in .apps.googleusercontent.com')
  if (clientSecret === '')
    throw new OAuthClientError('The client secret is missing. Google shows it beside the client id')
  if (!/^[\x21-\x7e]{5,200}$/.test(clientSecret))
    throw new OAuthClientError('This is no client secret: one begins with GOCSPX-')
  return { clientId, clientSecret }
}

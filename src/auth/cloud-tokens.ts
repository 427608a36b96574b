import { readFile } from 'node:fs/promises'
import { GoogleAuth, JWT } from 'google-auth-library'
import { z } from 'zod'
import { MailError } from '#mail/errors.ts'
import type { TokenSource } from '#mail/token-source.ts'
import { abortable } from './abortable.ts'
import { failedAnswer } from './google-http.ts'
import type { GoogleHttp } from './google-http.ts'

const key = z.object({ client_email: z.string().min(1), private_key: z.string().min(1) })

/**
 * Access tokens of this machine's own for Google Cloud, not for anybody's mail: of the service account whose key file is
 * given, else of Application Default Credentials. The library holds a token until it ends.
 */
export function createCloudTokens(options: {
  keyFile: string | undefined
  scope: string
  http: GoogleHttp
}): TokenSource {
  const { keyFile, scope, http } = options
  let identity: Promise<GoogleAuth | JWT> | undefined
  let given: string | undefined

  async function identify(): Promise<GoogleAuth | JWT> {
    const common = { transporter: http, universeDomain: 'googleapis.com' }
    if (keyFile === undefined)
      // Nobody needs the project: without `projectId` the library would look for it, with gcloud too.
      return new GoogleAuth({ scopes: [scope], projectId: '-', clientOptions: common })
    const { client_email: email, private_key } = await readKey(keyFile)
    return new JWT({ email, key: private_key, scopes: [scope], ...common })
  }

  async function fetchToken(): Promise<string | null | undefined> {
    identity ??= identify()
    try {
      const answer = await (await identity).getAccessToken()
      return typeof answer === 'string' ? answer : answer?.token
    } catch (error) {
      // A key file may be put right while Postern runs.
      identity = undefined
      if (error instanceof MailError) throw error
      const { status, word } = failedAnswer(error)
      throw new MailError('unavailable', 'Google gives this machine no access token for Google Cloud', {
        // The library's message may quote the credentials.
        cause: new Error(`${status ?? word}`),
      })
    }
  }

  return {
    async accessToken(signal) {
      signal?.throwIfAborted()
      const token = await abortable(fetchToken(), signal)
      if (typeof token !== 'string' || token === '')
        throw new MailError('unavailable', 'Google gave this machine an answer without an access token')
      given = token
      return token
    },
    reject(token) {
      if (token === given) identity = undefined
    },
  }
}

async function readKey(keyFile: string): Promise<z.infer<typeof key>> {
  try {
    return key.parse(JSON.parse(await readFile(keyFile, 'utf8')))
  } catch (error) {
    // A parser's message may quote the key.
    const code = (error as NodeJS.ErrnoException).code ?? 'not a key in JSON'
    throw new MailError('unavailable', 'The service account key file cannot be read', {
      cause: new Error(code),
    })
  }
}

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log, Seal } from '#mail/surroundings.ts'
import type { Endpoints } from './endpoints.ts'
import { createGoogleHttp, failedAnswer } from './google-http.ts'
import type { OAuthClient } from './oauth-client.ts'
import { readRefusal } from './refusal.ts'

const fileName = 'oauth-client.sealed'
const purpose = 'oauth client'
const shape = z.object({ clientId: z.string(), clientSecret: z.string().optional() })

/** The installation's OAuth client: of the environment, or pasted into the page and kept sealed. */
export interface OAuthClientBook {
  current(): OAuthClient | undefined
  /** The environment sets it, so that pages cannot. */
  readonly fixed: boolean
  /** Whether Google knows it; `unknown` when Google does not answer. */
  check(client: OAuthClient, signal: AbortSignal): Promise<'good' | 'wrong' | 'unknown'>
  /** Throws an error of the file system. */
  save(client: OAuthClient): Promise<void>
}

/** Opens what was kept. Throws SealError when it was sealed under another key. */
export async function openOAuthClientBook(options: {
  dataDir: string
  seal: Seal
  /** What the environment says; its id decides. */
  environment: { clientId: string | undefined; clientSecret: string | undefined }
  endpoints: Endpoints
  log: Log
}): Promise<OAuthClientBook> {
  const { dataDir, seal, environment, endpoints, log } = options
  const http = createGoogleHttp(endpoints)
  const path = join(dataDir, fileName)
  const { clientId, clientSecret } = environment
  const fixed = clientId !== undefined
  let client = fixed ? { clientId, clientSecret } : await load()

  async function load(): Promise<OAuthClient | undefined> {
    let sealed: Buffer
    try {
      sealed = await readFile(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const kept = shape.parse(JSON.parse(seal.open(sealed, purpose).toString('utf8')))
    return { clientId: kept.clientId, clientSecret: kept.clientSecret }
  }

  return {
    fixed,
    current: () => client,

    // Google looks at the client before it looks at the token. RFC 6749 section 5.2.
    async check(one, signal) {
      try {
        await http.request({
          url: endpoints.tokenUrl,
          method: 'POST',
          signal,
          data: new URLSearchParams({
            grant_type: 'refresh_token',
            refresh_token: 'none',
            client_id: one.clientId,
            client_secret: one.clientSecret ?? '',
          }),
        })
        return 'unknown'
      } catch (error) {
        const { status, body } = failedAnswer(error)
        const refusal = status === undefined ? undefined : readRefusal(status, body)
        if (refusal === undefined) return 'unknown'
        return refusal.error === 'invalid_grant' ? 'good' : 'wrong'
      }
    },

    async save(one) {
      const fresh = `${path}.new`
      await writeFile(fresh, seal.seal(Buffer.from(JSON.stringify(one)), purpose), { mode: 0o600 })
      await rename(fresh, path)
      client = one
      log.info({}, 'an OAuth client was set on the page')
    },
  }
}

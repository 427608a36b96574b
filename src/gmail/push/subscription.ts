import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { TokenSource } from '#mail/token-source.ts'
import { createAgents } from '../agents.ts'
import { readPulled } from './notice.ts'
import type { Pulled } from './notice.ts'

/** Pub/Sub says no: the status of its answer. */
export class PubSubRefusal extends Error {
  override readonly name = 'PubSubRefusal'
  readonly status: number

  constructor(status: number) {
    super(`Pub/Sub answered ${status}`)
    this.status = status
  }
}

/** What to do about a refusal; undefined where it tells nothing. */
export function remedyOf(error: unknown): string | undefined {
  const status = error instanceof PubSubRefusal ? error.status : undefined
  if (status === 403)
    return 'give the service account the role Pub/Sub Subscriber on the subscription, and enable the Cloud Pub/Sub API'
  if (status === 404) return 'POSTERN_PUBSUB_SUBSCRIPTION: there is no such subscription'
  return undefined
}

/** One subscription of Google Cloud Pub/Sub, over its REST API. */
export interface Subscription {
  /** Waits for messages, as long as Pub/Sub holds the request; may bring none. Throws PubSubRefusal, MailError, or what the network or the signal says. */
  pull(signal: AbortSignal): Promise<Pulled>
  /** They do not come again. Throws as `pull`. */
  acknowledge(ackIds: readonly string[], signal: AbortSignal): Promise<void>
  /** Whether it may be read, without waiting; a notice that is there comes again to whoever reads it. Throws as `pull`. */
  look(): Promise<void>
}

/** Of the size of a notice all together are 30 kB. */
const messagesAtOnce = 100
const largestAnswerBytes = 4 * 1024 * 1024
/** Google holds a pull for a minute and a half or so; a line that is dead says nothing for ever. */
const pullMs = 150_000
const acknowledgeMs = 20_000
const lookMs = 20_000

/** `name`: `projects/P/subscriptions/S`. `baseUrl`: `https://pubsub.googleapis.com`. Throws TypeError when that is no URL. */
export function openSubscription(
  name: string,
  { baseUrl, tokens }: { baseUrl: string; tokens: TokenSource },
): Subscription {
  const base = new URL(baseUrl)
  const agents = createAgents(base, { keepAlive: true })

  /** The signal's own reason, whatever the network makes of it. */
  async function call(verb: string, body: object, signal: AbortSignal): Promise<unknown> {
    try {
      return await exchange(verb, body, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
  }

  async function exchange(verb: string, body: object, signal: AbortSignal): Promise<unknown> {
    const token = await tokens.accessToken(signal)
    const url = new URL(`/v1/${name}:${verb}`, base)
    const payload = JSON.stringify(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = url.protocol === 'http:' ? requestHttp : requestHttps
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      request(url, { method: 'POST', agent: agents(url), headers, signal }, resolve)
        .on('error', reject)
        .end(payload)
    })
    const text = await readText(response)
    const { statusCode = 0 } = response
    if (statusCode === 401) tokens.reject(token)
    if (statusCode !== 200) throw new PubSubRefusal(statusCode)
    return JSON.parse(text)
  }

  return {
    async pull(signal) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(pullMs)])
      return readPulled(await call('pull', { maxMessages: messagesAtOnce }, limited))
    },
    async acknowledge(ackIds, signal) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(acknowledgeMs)])
      await call('acknowledge', { ackIds }, limited)
    },
    async look() {
      await call('pull', { maxMessages: 1, returnImmediately: true }, AbortSignal.timeout(lookMs))
    },
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  // Leaving the loop destroys the socket.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > largestAnswerBytes) throw new Error('Pub/Sub gave an answer that is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

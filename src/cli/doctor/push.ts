import { endpointsFrom } from '#auth/endpoints.ts'
import { PubSubRefusal, remedyOf } from '#gmail/push/subscription.ts'
import { subscriptionOf } from '../push/push.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

/** Whether the notices of Gmail can be fetched, where it is to tell of changes. */
export async function lookAtPush(config: Config, look: Look): Promise<void> {
  const { pubsubSubscription: name, pubsubKeyFile: keyFile } = config
  if (name === undefined) return
  const endpoints = endpointsFrom({ tokenUrl: config.googleTokenUrl, apiUrl: config.gmailApiUrl })
  await look('Pub/Sub', async () => {
    try {
      await subscriptionOf(name, config, endpoints).look()
    } catch (error) {
      throw new Error(`${name} cannot be read: ${reasonOf(error)}. ${capital(remedy(error, keyFile))}`, {
        cause: error,
      })
    }
    return `${name} can be read`
  })
}

function remedy(error: unknown, keyFile: string | undefined): string {
  const known = remedyOf(error)
  if (known !== undefined) return known
  if (error instanceof PubSubRefusal) return 'docs/operations.md, "Push instead of polls", says what it needs'
  return keyFile === undefined
    ? 'set POSTERN_PUBSUB_KEY_FILE to the key of a service account that may read it, and check the network'
    : `check that POSTERN_PUBSUB_KEY_FILE (${keyFile}) holds the key of a service account, and the network`
}

function reasonOf(error: unknown): string {
  const { message, code, cause } = error as NodeJS.ErrnoException & { cause?: unknown }
  const inside = cause instanceof Error ? ` (${cause.message})` : ''
  return typeof code === 'string' && /^E[A-Z]+$/.test(code)
    ? `Pub/Sub does not answer (${code})`
    : `${message}${inside}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

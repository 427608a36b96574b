import { createCloudTokens } from '#auth/cloud-tokens.ts'
import { createGoogleHttp } from '#auth/google-http.ts'
import type { Endpoints } from '#auth/endpoints.ts'
import { mailboxKey } from '#auth/same-mailbox.ts'
import type { Gmail } from '#gmail/gmail.ts'
import type { Notice } from '#gmail/push/notice.ts'
import { NoticeStream } from '#gmail/push/notice-stream.ts'
import { openSubscription } from '#gmail/push/subscription.ts'
import type { Subscription } from '#gmail/push/subscription.ts'
import { Watch } from '#gmail/push/watch.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { PushFigures } from '#metrics/sources.ts'
import type { Config } from '../settings.ts'
import { NoticeCounts } from './push-figures.ts'

const pubsubScope = 'https://www.googleapis.com/auth/pubsub'

/** What push needs of an account. */
interface PushedAccount {
  state(): { readonly phase: string }
  onState(listener: () => void): () => void
  /** Whether Gmail is asked for it. */
  noticed(historyId: bigint | undefined): boolean
}

/** Gmail's telling of one account. */
interface Pushed {
  /** Whether notices of it are known to arrive. */
  isTold(): boolean
  /** Has Gmail tell of it, once it is synchronised: earlier nobody could use it. */
  begin(account: PushedAccount): void
  close(): Promise<void>
}

/** Gmail tells of changes through Pub/Sub, and Postern fetches what it tells: no address of its own is needed. */
export interface Push {
  enter(account: { address: string; gmail: Gmail; log: Log }): Pushed
  /** For the metrics. */
  figures(): PushFigures
  close(): Promise<void>
}

/** Undefined when no subscription is named. */
export function openPush(
  config: Config,
  { endpoints, clock, log }: { endpoints: Endpoints; clock: Clock; log: Log },
): Push | undefined {
  const { pubsubTopic: topic, pubsubSubscription: name } = config
  if (topic === undefined || name === undefined) return undefined
  const subscription = subscriptionOf(name, config, endpoints)
  const inside = new Map<string, (notice: Notice) => boolean>()
  const watches = new Set<Watch>()
  const counts = new NoticeCounts(clock)
  const stream = new NoticeStream({
    subscription,
    clock,
    log,
    random: Math.random,
    onNotice(notice) {
      const isAsked = inside.get(mailboxKey(notice.address))?.(notice)
      counts.note(isAsked === undefined ? 'nobody' : isAsked ? 'asked' : 'known')
    },
  })
  const closing = new AbortController()
  let flowing: Promise<void> | undefined

  return {
    enter({ address, gmail, log: accountLog }) {
      const key = mailboxKey(address)
      const watch = new Watch({ gmail, topic, clock, log: accountLog, random: Math.random })
      const leaving = new AbortController()
      let watching: Promise<void> | undefined
      let tell: ((notice: Notice) => boolean) | undefined
      let stop: (() => void) | undefined
      return {
        isTold: () => stream.isFlowing && watch.isProven,
        begin(account) {
          tell = ({ historyId }) => {
            watch.noticed()
            return account.noticed(historyId)
          }
          inside.set(key, tell)
          watches.add(watch)
          // Not before: whoever only looks into the store takes no notices away.
          flowing ??= stream.run(closing.signal)
          const beginWhenLive = () => {
            if (account.state().phase === 'live') watching ??= watch.run(leaving.signal)
          }
          stop = account.onState(beginWhenLive)
          beginWhenLive()
        },
        async close() {
          stop?.()
          if (inside.get(key) === tell) inside.delete(key)
          watches.delete(watch)
          leaving.abort(new Error('The account is being closed'))
          await watching
        },
      }
    },
    figures: () => ({
      ...counts.figures(),
      failures: stream.failed,
      told: stream.isFlowing ? [...watches].filter(({ isProven }) => isProven).length : 0,
    }),
    async close() {
      closing.abort(new Error('Postern is shutting down'))
      await flowing
    },
  }
}

/** The subscription of this name, read as the settings say. */
export function subscriptionOf(
  name: string,
  { pubsubKeyFile: keyFile, pubsubUrl: baseUrl }: Pick<Config, 'pubsubKeyFile' | 'pubsubUrl'>,
  endpoints: Endpoints,
): Subscription {
  const tokens = createCloudTokens({ keyFile, scope: pubsubScope, http: createGoogleHttp(endpoints) })
  return openSubscription(name, { baseUrl, tokens })
}

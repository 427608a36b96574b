import { choices } from '../choices.ts'
import type { SeededRandom } from '../surroundings.ts'

/** As a pull answers it. */
export interface ReceivedMessage {
  ackId: string
  message: { data: string; messageId: string; publishTime: string; attributes: Record<string, string> }
}

interface Published {
  seq: number
  data: string
  at: number
}

interface Subscription {
  /** The first message that was never handed out. */
  next: number
  /** Handed out and not acknowledged, by ackId. */
  outstanding: Map<string, { message: Published; until: number }>
}

interface Project {
  published: Published[]
  subscriptions: Map<string, Subscription>
}

const backlogLimit = 1000
const projectLimit = 50
const subscriptionLimit = 50
const firstMessageId = 11_000_000_000

/** Google Cloud Pub/Sub as far as Gmail's notifications need it. Fact sheet section 2.11. */
export class PubSub {
  readonly #now: () => number
  readonly #random: SeededRandom
  readonly #projects = new Map<string, Project>()
  readonly #waiting = new Set<() => void>()
  #seq = 0

  constructor(now: () => number, random: SeededRandom) {
    this.#now = now
    this.#random = random
  }

  publish(project: string, data: string): void {
    const { published } = this.#project(project)
    this.#seq += 1
    published.push({ seq: this.#seq, data, at: this.#now() })
    if (published.length > backlogLimit) published.shift()
    for (const wake of this.#waiting) wake()
  }

  /** What there is now: first what was not acknowledged in time, then what is new. */
  take(projectName: string, subscriptionName: string, most: number): ReceivedMessage[] {
    const { published, subscriptions } = this.#project(projectName)
    const subscription = bounded(subscriptions, subscriptionName, subscriptionLimit, () => ({
      next: 0,
      outstanding: new Map(),
    }))
    const now = this.#now()
    const taken: Published[] = []
    for (const [ackId, { message, until }] of subscription.outstanding) {
      if (until > now || taken.length >= most) continue
      subscription.outstanding.delete(ackId)
      taken.push(message)
    }
    for (const message of published) {
      if (taken.length >= most) break
      if (message.seq < subscription.next) continue
      subscription.next = message.seq + 1
      taken.push(message)
    }
    return taken.map((message) => {
      const ackId = this.#random.bytes(48).toString('base64url')
      subscription.outstanding.set(ackId, { message, until: now + choices.pullAckDeadlineMs })
      return {
        ackId,
        message: {
          data: message.data,
          messageId: String(firstMessageId + message.seq),
          publishTime: new Date(message.at).toISOString(),
          attributes: {},
        },
      }
    })
  }

  acknowledge(projectName: string, subscriptionName: string, ackIds: readonly string[]): void {
    const subscription = this.#project(projectName).subscriptions.get(subscriptionName)
    for (const ackId of ackIds) subscription?.outstanding.delete(ackId)
  }

  /** Waits for something to be published, for the time to be over, or for the signal. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#waiting.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#waiting.add(end)
      signal.addEventListener('abort', end)
      if (signal.aborted) end()
    })
  }

  #project(name: string): Project {
    return bounded(this.#projects, name, projectLimit, () => ({ published: [], subscriptions: new Map() }))
  }
}

/** The oldest entry goes when there are too many. */
function bounded<Value>(map: Map<string, Value>, name: string, limit: number, make: () => Value): Value {
  let value = map.get(name)
  if (value === undefined) {
    value = make()
    map.set(name, value)
    const oldest = map.keys().next().value
    if (map.size > limit && oldest !== undefined) map.delete(oldest)
  }
  return value
}

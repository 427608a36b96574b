import type { Account, AccountBook } from '../accounts.ts'
import { choices } from '../choices.ts'
import { invalidArgument } from '../errors.ts'
import { textIn, textsIn, type Body } from '../gmail/body.ts'
import { invalidValue } from '../gmail/parameters.ts'
import type { MailboxEvent } from '../mailbox/mailbox.ts'
import type { Quirks } from '../quirks.ts'
import type { SimulatorClock } from '../surroundings.ts'
import type { PubSub } from './pubsub.ts'

/** A mailbox's watch as it is kept. */
interface Watch {
  topic: string
  labelIds: string[]
  /** Without one, sends and drafts are told of too (fact sheet section 2.11). */
  behavior: 'include' | 'exclude' | undefined
  /** Epoch milliseconds. */
  expiration: number
}

export interface PushSurroundings {
  clock: SimulatorClock
  accounts: AccountBook
  quirks: Quirks
  pubsub: PubSub
}

/** users.watch, users.stop and the notifications between them. */
export class Push {
  readonly #around: PushSurroundings
  readonly #lastAt = new Map<string, number>()
  readonly #pending = new Set<Account>()

  constructor(around: PushSurroundings) {
    this.#around = around
  }

  /** Throws GmailError 400. A first notification goes out at once. */
  watch(account: Account, body: Body): object {
    const topic = textIn(body, 'topicName')
    if (topic === undefined) throw invalidArgument('topicName required')
    if (projectOf(topic) === undefined)
      throw invalidArgument(`Invalid topicName does not match projects/*/topics/*`)
    const present = this.#watchOf(account)
    if (present && present.topic !== topic)
      throw invalidArgument(
        'Only one user push notification client allowed per developer (call /stop then try again)',
      )
    const labelIds = textsIn(body, 'labelIds')
    for (const id of labelIds)
      if (!account.mailbox.labels.byId(id)) throw invalidArgument(`Invalid label: ${id}`)
    const expiration = this.#around.clock.now() + choices.watchMs
    const watch: Watch = { topic, labelIds, behavior: readBehavior(body), expiration }
    account.mailbox.db.saveSetting('watch', JSON.stringify(watch))
    this.#publish(account, watch)
    return { historyId: String(account.mailbox.historyId), expiration: String(expiration) }
  }

  stop(account: Account): void {
    account.mailbox.db.saveSetting('watch', '')
  }

  /** To be called for every change of every mailbox; the notification follows when the change is complete. */
  notice(event: MailboxEvent): void {
    const account = this.#around.accounts.find(event.address)
    if (!account || this.#pending.has(account)) return
    const watch = this.#watchOf(account)
    if (!watch || !concerns(watch, account, event)) return
    this.#pending.add(account)
    setImmediate(() => {
      this.#pending.delete(account)
      this.#publishInTime(account, watch)
    })
  }

  /** At most one each second for each user; what is too much is dropped. */
  #publishInTime(account: Account, watch: Watch): void {
    const now = this.#around.clock.now()
    const last = this.#lastAt.get(account.address) ?? Number.NEGATIVE_INFINITY
    if (now - last < choices.pushIntervalMs) return
    this.#lastAt.set(account.address, now)
    this.#publish(account, watch)
  }

  #publish(account: Account, watch: Watch): void {
    const { historyId } = account.mailbox
    const shown = this.#around.quirks.pushHistoryIdAsString ? String(historyId) : historyId
    const data = JSON.stringify({ emailAddress: account.address, historyId: shown })
    this.#around.pubsub.publish(projectOf(watch.topic) ?? '', Buffer.from(data).toString('base64'))
  }

  #watchOf({ mailbox }: Account): Watch | undefined {
    const text = mailbox.db.setting('watch')
    if (text === undefined || text === '') return undefined
    const watch = JSON.parse(text) as Watch
    return watch.expiration > this.#around.clock.now() ? watch : undefined
  }
}

function concerns({ labelIds, behavior }: Watch, { mailbox }: Account, event: MailboxEvent): boolean {
  if (labelIds.length === 0 || event.kind === 'deleted') return true
  const row = mailbox.find(event.messageId)
  const present = row ? mailbox.labelIdsOf(row.n) : []
  const hit = present.some((id) => labelIds.includes(id))
  if (behavior === 'exclude') return !hit
  return hit || (behavior === undefined && (present.includes('SENT') || present.includes('DRAFT')))
}

function readBehavior(body: Body): Watch['behavior'] {
  const given = textIn(body, 'labelFilterBehavior') ?? textIn(body, 'labelFilterAction')
  const behavior = given?.toLowerCase()
  if (behavior === undefined || behavior === 'include' || behavior === 'exclude') return behavior
  throw invalidValue('label_filter_behavior', 'ENUM', given ?? '')
}

function projectOf(topic: string): string | undefined {
  return /^projects\/([^/\s]{1,100})\/topics\/[^/\s]{1,255}$/.exec(topic)?.[1]
}

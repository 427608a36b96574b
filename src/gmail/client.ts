import type { LabelId, MessageId } from '#mail/ids.ts'
import { GrantError, MailError } from '#mail/errors.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { TokenSource } from '#mail/token-source.ts'
import {
  readHistoryPage,
  readImapSettings,
  readLabelCounts,
  readLabels,
  readMessagePage,
  readProfile,
  readRawMessage,
} from './answers.ts'
import { createBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { planModify, unitsByMethod } from './cost.ts'
import type { Method } from './cost.ts'
import { CallFailure } from './failure.ts'
import type { Gmail, RawMessage } from './gmail.ts'
import { parseObject, parseRawAnswer } from './json-answer.ts'
import { createLedger } from './ledger.ts'
import { createRetry } from './retry.ts'
import { createScheduler } from './scheduler.ts'
import { createSingleFlight } from './single-flight.ts'
import { Ticket } from './ticket.ts'
import { createTransport } from './transport.ts'
import type { Send } from './transport.ts'

/** Most entries of a page. Fact sheet sections 2.2 and 2.10. */
const pageSize = 500
const me = 'me'

export interface GmailOptions {
  /** `https://gmail.googleapis.com` or another host that speaks the same. Only its origin counts. */
  readonly apiUrl: string
  readonly tokens: TokenSource
  readonly quotaPerMinute: number
  readonly clock: Clock
  readonly log: Log
  /** 0 up to 1, for the jitter of back-off. */
  readonly random?: () => number
  /** Shared by all accounts of one Google project. */
  readonly projectBudget?: Budget
  /** Requests at once; 8 when left out, Google gives no number. Fact sheet section 1.3. */
  readonly maxConcurrent?: number
}

/**
 * One account's Gmail. From the outside in: single flight → retry → scheduler → token → transport → answer.
 * Throws TypeError or RangeError for options that make no sense.
 */
export function createGmail(options: GmailOptions): Gmail {
  const { tokens, clock, log } = options
  const random = options.random === undefined ? {} : { random: options.random }
  const account = createBudget({ unitsPerMinute: options.quotaPerMinute, clock })
  const scheduler = createScheduler({
    budgets: options.projectBudget === undefined ? [account] : [account, options.projectBudget],
    clock,
    ...random,
    ...(options.maxConcurrent === undefined ? {} : { maxConcurrent: options.maxConcurrent }),
  })
  const retry = createRetry({ clock, log, ...random })
  const transport = createTransport({ apiUrl: options.apiUrl, clock })
  const ledger = createLedger()
  const rawFlights = createSingleFlight<MessageId, RawMessage>()

  async function accessToken(signal: AbortSignal | undefined): Promise<string> {
    try {
      return await tokens.accessToken(signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof GrantError || !(error instanceof MailError)) throw error
      throw new CallFailure('outage', 'unavailable', 'no access token to be had', { cause: error })
    }
  }

  /** One request; after a 401 one more with another token. */
  async function attempt(method: Method, ticket: Ticket, send: Send): Promise<Buffer> {
    const { signal, cause } = ticket
    const what = { isHistory: method === 'history.list', signal }
    for (let second = false; ; second = true) {
      const token = await accessToken(signal)
      ledger.sent(method, cause)
      try {
        return await transport.request(send, token, what)
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error
        if (error.kind === 'units' || error.kind === 'crowded') ledger.refused(method, cause)
        if (error.kind !== 'token') throw error
        tokens.reject(token)
        if (second) throw error
      }
    }
  }

  function perform<T>(
    method: Method,
    ticket: Ticket,
    send: Send,
    read: (body: Buffer) => T | Promise<T>,
  ): Promise<T> {
    return retry.persist(ticket, async () => {
      const body = await scheduler.run(ticket, unitsByMethod[method], () => attempt(method, ticket, send))
      return await read(body)
    })
  }

  return {
    profile: (call) =>
      perform(
        'getProfile',
        new Ticket(call),
        (api, per) => api.users.getProfile({ userId: me }, per),
        (body) => readProfile(parseObject(body)),
      ),

    labels: (call) =>
      perform(
        'labels.list',
        new Ticket(call),
        (api, per) => api.users.labels.list({ userId: me }, per),
        (body) => readLabels(parseObject(body)),
      ),

    labelCounts: (id, call) =>
      perform(
        'labels.get',
        new Ticket(call),
        (api, per) => api.users.labels.get({ userId: me, id }, per),
        (body) => readLabelCounts(parseObject(body)),
      ),

    listMessages(query, call) {
      const params = {
        userId: me,
        maxResults: pageSize,
        ...(query.labelIds === undefined ? {} : { labelIds: [...query.labelIds] }),
        ...(query.q === undefined ? {} : { q: query.q }),
        ...(query.includeSpamTrash === true ? { includeSpamTrash: true } : {}),
        ...(query.pageToken === undefined ? {} : { pageToken: query.pageToken }),
      }
      return perform(
        'messages.list',
        new Ticket(call),
        (api, per) => api.users.messages.list(params, per),
        (body) => readMessagePage(parseObject(body)),
      )
    },

    rawMessage: (id, call) =>
      rawFlights.join(id, call, (ticket) =>
        perform(
          'messages.get',
          ticket,
          (api, per) => api.users.messages.get({ userId: me, id, format: 'raw' }, per),
          async (body) => {
            const { fields, bytes } = await parseRawAnswer(body)
            return readRawMessage(fields, bytes)
          },
        ),
      ),

    history(start, pageToken, call) {
      const params = {
        userId: me,
        startHistoryId: start.toString(),
        maxResults: pageSize,
        ...(pageToken === undefined ? {} : { pageToken }),
      }
      return perform(
        'history.list',
        new Ticket(call),
        (api, per) => api.users.history.list(params, per),
        (body) => readHistoryPage(parseObject(body)),
      )
    },

    async modify(ids, change, call) {
      const labels = labelChange(change)
      if (labels === undefined) return
      const { batches, singles } = planModify(ids)
      for (const batch of batches) {
        const requestBody = { ids: [...batch], ...labels }
        await perform(
          'messages.batchModify',
          new Ticket(call),
          (api, per) => api.users.messages.batchModify({ userId: me, requestBody }, per),
          ignore,
        )
      }
      // All are waited for: nothing of ours is still under way when this throws.
      const outcomes = await Promise.allSettled(
        singles.map((id) =>
          perform(
            'messages.modify',
            new Ticket(call),
            (api, per) => api.users.messages.modify({ userId: me, id, requestBody: labels }, per),
            ignore,
          ),
        ),
      )
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },

    imapSettings: (call) =>
      perform(
        'settings.getImap',
        new Ticket(call),
        (api, per) => api.users.settings.getImap({ userId: me }, per),
        (body) => readImapSettings(parseObject(body)),
      ),

    budget: () => scheduler.state(),
    ledger: () => ledger.lines(),
  }
}

/** The answer to a modify tells nothing that history will not. */
function ignore(): void {}

/** Undefined when nothing is to change: Gmail refuses an empty modify. */
function labelChange(change: {
  readonly add?: readonly LabelId[]
  readonly remove?: readonly LabelId[]
}): { addLabelIds?: LabelId[]; removeLabelIds?: LabelId[] } | undefined {
  const { add = [], remove = [] } = change
  if (add.length === 0 && remove.length === 0) return undefined
  return {
    ...(add.length === 0 ? {} : { addLabelIds: [...add] }),
    ...(remove.length === 0 ? {} : { removeLabelIds: [...remove] }),
  }
}

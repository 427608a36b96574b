import type { MessageId } from '#mail/ids.ts'
import {
  readHistoryPage,
  readImapSettings,
  readLabelCounts,
  readLabels,
  readMessagePage,
  readPopSettings,
  readProfile,
  readRawMessage,
  readSendAs,
} from './answers.ts'
import type { Engine } from './engine.ts'
import type { GmailReading, RawMessage } from './gmail.ts'
import { parseObject, parseRawAnswer } from './json-answer.ts'
import { createSingleFlight } from './single-flight.ts'
import { Ticket } from './ticket.ts'

/** Most entries of a page. Fact sheet sections 2.2 and 2.10. */
const maxResults = 500
const userId = 'me'

/** The calls that change nothing. */
export function createReading(engine: Engine): GmailReading {
  const rawFlights = createSingleFlight<MessageId, RawMessage>()

  return {
    profile: (call) =>
      engine.perform(
        'getProfile',
        new Ticket(call),
        (api, per) => api.users.getProfile({ userId }, per),
        (body) => readProfile(parseObject(body)),
      ),

    labels: (call) =>
      engine.perform(
        'labels.list',
        new Ticket(call),
        (api, per) => api.users.labels.list({ userId }, per),
        (body) => readLabels(parseObject(body)),
      ),

    labelCounts: (id, call) =>
      engine.perform(
        'labels.get',
        new Ticket(call),
        (api, per) => api.users.labels.get({ userId, id }, per),
        (body) => readLabelCounts(parseObject(body)),
      ),

    listMessages(query, call) {
      const params = {
        userId,
        maxResults,
        ...(query.labelIds === undefined ? {} : { labelIds: [...query.labelIds] }),
        ...(query.q === undefined ? {} : { q: query.q }),
        ...(query.includeSpamTrash === true ? { includeSpamTrash: true } : {}),
        ...(query.pageToken === undefined ? {} : { pageToken: query.pageToken }),
      }
      return engine.perform(
        'messages.list',
        new Ticket(call),
        (api, per) => api.users.messages.list(params, per),
        (body) => readMessagePage(parseObject(body), query.pageToken),
      )
    },

    rawMessage: (id, call) =>
      rawFlights.join(id, call, (ticket) =>
        engine.perform(
          'messages.get',
          ticket,
          (api, per) => api.users.messages.get({ userId, id, format: 'raw' }, per),
          async (body) => {
            const { fields, bytes } = await parseRawAnswer(body)
            return readRawMessage(fields, bytes)
          },
        ),
      ),

    history(start, pageToken, call) {
      const params = {
        userId,
        startHistoryId: start.toString(),
        maxResults,
        ...(pageToken === undefined ? {} : { pageToken }),
      }
      return engine.perform(
        'history.list',
        new Ticket(call),
        (api, per) => api.users.history.list(params, per),
        (body) => readHistoryPage(parseObject(body), pageToken),
      )
    },

    imapSettings: (call) =>
      engine.perform(
        'settings.getImap',
        new Ticket(call),
        (api, per) => api.users.settings.getImap({ userId }, per),
        (body) => readImapSettings(parseObject(body)),
      ),

    popSettings: (call) =>
      engine.perform(
        'settings.getPop',
        new Ticket(call),
        (api, per) => api.users.settings.getPop({ userId }, per),
        (body) => readPopSettings(parseObject(body)),
      ),

    sendAs: (call) =>
      engine.perform(
        'settings.sendAs.list',
        new Ticket(call),
        (api, per) => api.users.settings.sendAs.list({ userId }, per),
        (body) => readSendAs(parseObject(body)),
      ),
  }
}

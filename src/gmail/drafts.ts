import { labelId } from '#mail/ids.ts'
import { readDraft, readDraftPage, readStoredMessage } from './answers.ts'
import { loaded } from './carriage.ts'
import type { Loaded } from './carriage.ts'
import type { Engine } from './engine.ts'
import type { GmailDrafts } from './gmail.ts'
import { unlessGone } from './gone.ts'
import { parseObject } from './json-answer.ts'
import { Ticket } from './ticket.ts'

/** Fact sheet section 2.8. */
const maxResults = 500
const userId = 'me'

/** The calls that read and change drafts. */
export function createDrafts(engine: Engine): GmailDrafts {
  return {
    listDrafts(pageToken, call) {
      const params = { userId, maxResults, ...(pageToken === undefined ? {} : { pageToken }) }
      return engine.perform(
        'drafts.list',
        new Ticket(call),
        (api, per) => api.users.drafts.list(params, per),
        (body) => readDraftPage(parseObject(body), pageToken),
      )
    },

    draft: (id, call) =>
      engine.perform(
        'drafts.get',
        new Ticket(call),
        (api, per) => api.users.drafts.get({ userId, id, format: 'minimal' }, per),
        (body) => readDraft(parseObject(body)),
      ),

    createDraft: (bytes, call) =>
      engine.upload(
        'drafts.create',
        new Ticket(call),
        bytes,
        (api, per, message) => {
          const { content, options } = loaded(undefined, message, per)
          return api.users.drafts.create({ userId, ...draftOf(content) }, options)
        },
        (body) => readDraft(parseObject(body)),
      ),

    updateDraft: (id, bytes, call) =>
      engine.upload(
        'drafts.update',
        new Ticket(call),
        bytes,
        (api, per, message) => {
          const { content, options } = loaded(undefined, message, per)
          return api.users.drafts.update({ userId, id, ...draftOf(content) }, options)
        },
        (body) => readDraft(parseObject(body)),
      ),

    deleteDraft: (id, call) =>
      unlessGone(
        engine.perform(
          'drafts.delete',
          new Ticket(call),
          (api, per) => api.users.drafts.delete({ userId, id }, per),
          // Nothing is told.
          () => undefined,
        ),
      ),

    sendDraft: (id, call) =>
      engine.perform(
        'drafts.send',
        new Ticket(call),
        (api, per) => api.users.drafts.send({ userId, requestBody: { id } }, per),
        (body) => readStoredMessage(parseObject(body), [labelId('SENT')]),
      ),
  }
}

/** In JSON the message lies one level deeper than that of `messages`. */
function draftOf(content: Loaded): object {
  return 'media' in content ? content : { requestBody: { message: content.requestBody } }
}

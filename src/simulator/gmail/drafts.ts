import { choices } from '../choices.ts'
import { notFound } from '../errors.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { isReadable } from '../world.ts'
import { idTextIn, objectIn, rawIn } from './body.ts'
import { messageOctets, readThread } from './incoming.ts'
import { briefMessage, describeMessage, messageFormats, requestedFormat } from './message-resource.ts'
import { method, type MethodCall } from './method.ts'
import { listAnswer, listPage } from './page.ts'
import { scopes } from './scopes.ts'

const list = method({
  name: 'drafts.list',
  http: 'GET',
  path: 'drafts',
  scopes: scopes.readDrafts,
  units: 5,
  parameters: ['q', 'includeSpamTrash', 'pageToken', 'maxResults'],
  async run(call) {
    const page = await listPage(call, { labels: [call.mailbox.labels.require('DRAFT')] })
    const entries = page.rows.map((row) => ({
      id: call.mailbox.draftIdOf(row.n),
      message: { id: row.id, threadId: row.thread },
    }))
    return listAnswer('drafts', entries, page)
  },
})

const get = method({
  name: 'drafts.get',
  http: 'GET',
  path: 'drafts/{id}',
  scopes: scopes.readDrafts,
  units: 20,
  parameters: ['format'],
  run(call) {
    const format = requestedFormat(call, messageFormats)
    const id = call.place('id')
    return { id, message: describeMessage(call, requireDraft(call, id), format) }
  },
})

const create = method({
  name: 'drafts.create',
  http: 'POST',
  path: 'drafts',
  scopes: scopes.writeDrafts,
  units: 10,
  uploadBytes: choices.sendBytes,
  run(call) {
    const message = objectIn(call.body, 'message')
    const raw = messageOctets(call, message)
    const thread = readThread(call, idTextIn(message, 'threadId'))
    const row = call.mailbox.add({ raw, labels: ['DRAFT'], date: call.world.clock.now(), thread })
    return describeDraft(call, row)
  },
})

/** The id stays, the message is another one: two records in the history (fact sheet section 2.8). */
const update = method({
  name: 'drafts.update',
  http: 'PUT',
  path: 'drafts/{id}',
  scopes: scopes.writeDrafts,
  units: 15,
  uploadBytes: choices.sendBytes,
  run(call) {
    const { mailbox } = call
    const draft = call.place('id')
    const old = requireDraft(call, draft)
    const message = objectIn(call.body, 'message')
    const raw = messageOctets(call, message)
    const thread = readThread(call, idTextIn(message, 'threadId')) ?? old.thread
    const row = mailbox.db.transaction(() => {
      const added = mailbox.add({ raw, labels: ['DRAFT'], date: call.world.clock.now(), thread, draft })
      mailbox.remove(old)
      return added
    })
    return describeDraft(call, row)
  },
})

const remove = method({
  name: 'drafts.delete',
  http: 'DELETE',
  path: 'drafts/{id}',
  scopes: scopes.writeDrafts,
  units: 10,
  run: (call) => call.mailbox.remove(requireDraft(call, call.place('id'))),
})

const send = method({
  name: 'drafts.send',
  http: 'POST',
  path: 'drafts/send',
  scopes: scopes.writeDrafts,
  units: 100,
  uploadBytes: choices.sendBytes,
  run(call) {
    const { mailbox, world, account } = call
    const id = idTextIn(call.body, 'id')
    const message = objectIn(call.body, 'message')
    const draft = id === undefined ? undefined : requireDraft(call, id)
    const given = call.media ?? rawIn(message)
    const raw = given ?? (draft ? mailbox.raw(draft) : messageOctets(call, message))
    const thread = readThread(call, idTextIn(message, 'threadId')) ?? draft?.thread
    const sent = world.post.send(account, raw, { thread, replaces: draft })
    return briefMessage(call, sent)
  },
})

function requireDraft(call: MethodCall, id: string): MessageRow {
  const row = call.mailbox.draft(id)
  if (!row || !isReadable(call.world, row)) throw notFound()
  return row
}

function describeDraft(call: MethodCall, row: MessageRow): object {
  return { id: call.mailbox.draftIdOf(row.n), message: briefMessage(call, row) }
}

export const draftMethods = [list, get, create, update, remove, send]

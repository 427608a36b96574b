import { choices } from '../choices.ts'
import { invalidArgument, notFound } from '../errors.ts'
import { parseMessage, partBody, walk } from '../mime/part.ts'
import { encodeOctets, requireMessage } from '../world.ts'
import { readAttachmentId } from './attachment-id.ts'
import { idTextIn, textsIn } from './body.ts'
import { readId } from './ids.ts'
import { importMessage, insertMessage, messageOctets, readThread } from './incoming.ts'
import { readLabelChange, refuseLabelledDraft, trash, untrash } from './label-changes.ts'
import { briefMessage, describeMessage, messageFormats, requestedFormat } from './message-resource.ts'
import { method, type MethodCall } from './method.ts'
import { listAnswer, listPage, listParameters } from './page.ts'
import { scopes } from './scopes.ts'

const list = method({
  name: 'messages.list',
  http: 'GET',
  path: 'messages',
  scopes: scopes.readMetadata,
  units: 5,
  parameters: listParameters,
  async run(call) {
    const page = await listPage(call, { empty: call.world.quirks.emptyListPages })
    const entries = page.rows.map((row) => ({ id: row.id, threadId: row.thread }))
    return listAnswer('messages', entries, page)
  },
})

const get = method({
  name: 'messages.get',
  http: 'GET',
  path: 'messages/{id}',
  scopes: scopes.readMetadata,
  units: 20,
  parameters: ['format', 'metadataHeaders'],
  run(call) {
    const format = requestedFormat(call, messageFormats)
    return describeMessage(call, named(call), format, call.query.list('metadataHeaders'))
  },
})

const getAttachment = method({
  name: 'messages.attachments.get',
  http: 'GET',
  path: 'messages/{messageId}/attachments/{id}',
  scopes: scopes.read,
  units: 20,
  run(call) {
    const row = requireMessage(call.world, call.account, readId(call.place('messageId')))
    const partId = readAttachmentId(call.place('id'))
    if (partId === undefined) throw invalidArgument('Invalid attachment token')
    const raw = call.mailbox.raw(row)
    for (const part of walk(parseMessage(raw))) {
      if (part.id !== partId) continue
      const octets = partBody(raw, part)
      return { size: octets.length, data: encodeOctets(call.world, octets) }
    }
    throw notFound()
  },
})

const insert = method({
  name: 'messages.insert',
  http: 'POST',
  path: 'messages',
  scopes: scopes.insert,
  units: 25,
  parameters: ['internalDateSource', 'deleted'],
  uploadBytes: choices.insertBytes,
  run: (call) => briefMessage(call, insertMessage(call)),
})

const importing = method({
  name: 'messages.import',
  http: 'POST',
  path: 'messages/import',
  scopes: scopes.insert,
  units: 25,
  parameters: ['internalDateSource', 'deleted', 'neverMarkSpam', 'processForCalendar'],
  uploadBytes: choices.insertBytes,
  run: (call) => briefMessage(call, importMessage(call)),
})

const send = method({
  name: 'messages.send',
  http: 'POST',
  path: 'messages/send',
  scopes: scopes.send,
  units: 100,
  uploadBytes: choices.sendBytes,
  run(call) {
    const raw = messageOctets(call, call.body)
    const thread = readThread(call, idTextIn(call.body, 'threadId'))
    return briefMessage(call, call.world.post.send(call.account, raw, { thread }))
  },
})

const modify = method({
  name: 'messages.modify',
  http: 'POST',
  path: 'messages/{id}/modify',
  scopes: scopes.change,
  units: 5,
  run(call) {
    const change = readLabelChange(call.mailbox, call.body)
    const row = named(call)
    refuseLabelledDraft(call.mailbox, row, change)
    call.mailbox.changeLabels(row, change.add, change.remove)
    return briefMessage(call, row)
  },
})

const batchModify = method({
  name: 'messages.batchModify',
  http: 'POST',
  path: 'messages/batchModify',
  scopes: scopes.change,
  units: 50,
  run(call) {
    const { mailbox } = call
    const ids = readIds(call)
    const change = readLabelChange(mailbox, call.body)
    const mayTouchDrafts = change.add.every((label) => label.id === 'TRASH')
    mailbox.db.transaction(() => {
      for (const id of ids) {
        const row = mailbox.find(id)
        if (!row || (!mayTouchDrafts && mailbox.draftIdOf(row.n) !== undefined)) continue
        mailbox.changeLabels(row, change.add, change.remove)
      }
    })
  },
})

const batchDelete = method({
  name: 'messages.batchDelete',
  http: 'POST',
  path: 'messages/batchDelete',
  scopes: scopes.everything,
  units: 50,
  run(call) {
    const { mailbox } = call
    const ids = readIds(call)
    mailbox.db.transaction(() => {
      for (const id of ids) {
        const row = mailbox.find(id)
        if (row) mailbox.remove(row)
      }
    })
  },
})

const moveToTrash = method({
  name: 'messages.trash',
  http: 'POST',
  path: 'messages/{id}/trash',
  scopes: scopes.change,
  units: 20,
  run(call) {
    const row = named(call)
    trash(call.mailbox, row)
    return briefMessage(call, row)
  },
})

const takeFromTrash = method({
  name: 'messages.untrash',
  http: 'POST',
  path: 'messages/{id}/untrash',
  scopes: scopes.change,
  units: 5,
  run(call) {
    const row = named(call)
    untrash(call.mailbox, row)
    return briefMessage(call, row)
  },
})

const remove = method({
  name: 'messages.delete',
  http: 'DELETE',
  path: 'messages/{id}',
  scopes: scopes.everything,
  units: 10,
  run: (call) => call.mailbox.remove(named(call)),
})

function named(call: MethodCall) {
  return requireMessage(call.world, call.account, readId(call.place('id')))
}

function readIds(call: MethodCall): string[] {
  const ids = textsIn(call.body, 'ids')
  if (ids.length === 0) throw invalidArgument('No message ids specified')
  if (ids.length > choices.batchIds)
    throw invalidArgument(`Too many message ids: at most ${choices.batchIds}`)
  return ids.map(readId)
}

export const messageMethods = [
  list,
  get,
  getAttachment,
  insert,
  importing,
  send,
  modify,
  batchModify,
  batchDelete,
  moveToTrash,
  takeFromTrash,
  remove,
]

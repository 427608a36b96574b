import { notFound } from '../errors.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import { escapeHtml } from '../mime/snippet.ts'
import { isReadable } from '../world.ts'
import { readId } from './ids.ts'
import { readLabelChange, trash, untrash } from './label-changes.ts'
import { briefMessage, describeMessage, requestedFormat } from './message-resource.ts'
import { method, type MethodCall } from './method.ts'
import { listAnswer, listPage, listParameters } from './page.ts'
import { scopes } from './scopes.ts'

const list = method({
  name: 'threads.list',
  http: 'GET',
  path: 'threads',
  scopes: scopes.readMetadata,
  units: 10,
  parameters: listParameters,
  async run(call) {
    const page = await listPage(call, { threads: true })
    const entries = page.rows.map((row) => {
      const messages = call.mailbox.inThread(row.thread)
      return {
        id: row.thread,
        snippet: escapeHtml(call.mailbox.snippet(messages.at(-1) ?? row)),
        historyId: String(newestHistory(messages)),
      }
    })
    return listAnswer('threads', entries, page)
  },
})

const get = method({
  name: 'threads.get',
  http: 'GET',
  path: 'threads/{id}',
  scopes: scopes.readMetadata,
  units: 40,
  parameters: ['format', 'metadataHeaders'],
  run(call) {
    const format = requestedFormat(call, ['full', 'metadata', 'minimal'])
    const headers = call.query.list('metadataHeaders')
    const messages = messagesOf(call)
    return {
      id: messages[0]?.thread,
      historyId: String(newestHistory(messages)),
      messages: messages.map((row) => describeMessage(call, row, format, headers)),
    }
  },
})

const modify = method({
  name: 'threads.modify',
  http: 'POST',
  path: 'threads/{id}/modify',
  scopes: scopes.change,
  units: 10,
  run(call) {
    const { mailbox } = call
    const change = readLabelChange(mailbox, call.body)
    const messages = messagesOf(call)
    const mayTouchDrafts = change.add.every((label) => label.id === 'TRASH')
    mailbox.db.transaction(() => {
      for (const row of messages) {
        if (!mayTouchDrafts && mailbox.draftIdOf(row.n) !== undefined) continue
        mailbox.changeLabels(row, change.add, change.remove)
      }
    })
    return briefThread(call, messages)
  },
})

const moveToTrash = method({
  name: 'threads.trash',
  http: 'POST',
  path: 'threads/{id}/trash',
  scopes: scopes.change,
  units: 20,
  run: (call) => eachOf(call, (row) => trash(call.mailbox, row)),
})

const takeFromTrash = method({
  name: 'threads.untrash',
  http: 'POST',
  path: 'threads/{id}/untrash',
  scopes: scopes.change,
  units: 10,
  run: (call) => eachOf(call, (row) => untrash(call.mailbox, row)),
})

const remove = method({
  name: 'threads.delete',
  http: 'DELETE',
  path: 'threads/{id}',
  scopes: scopes.everything,
  units: 20,
  run(call) {
    const messages = messagesOf(call)
    call.mailbox.db.transaction(() => {
      for (const row of messages) call.mailbox.remove(row)
    })
  },
})

/** The thread's messages, oldest first; never empty. Throws GmailError 404. */
function messagesOf(call: MethodCall): MessageRow[] {
  const rows = call.mailbox.inThread(readId(call.place('id'))).filter((row) => isReadable(call.world, row))
  if (rows.length === 0) throw notFound()
  return rows
}

function eachOf(call: MethodCall, change: (row: MessageRow) => void): object {
  const messages = messagesOf(call)
  call.mailbox.db.transaction(() => {
    for (const row of messages) change(row)
  })
  return briefThread(call, messages)
}

function briefThread(call: MethodCall, messages: readonly MessageRow[]): object {
  return { id: messages[0]?.thread, messages: messages.map((row) => briefMessage(call, row)) }
}

function newestHistory(messages: readonly MessageRow[]): number {
  let newest = 0
  for (const row of messages) newest = Math.max(newest, row.history)
  return newest
}

export const threadMethods = [list, get, modify, moveToTrash, takeFromTrash, remove]

import { badRequest, invalidArgument, notFound } from '../errors.ts'
import { isFrom, type MessageRow } from '../mailbox/mailbox.ts'
import { messageIdsIn } from '../mime/addresses.ts'
import { readDate } from '../mime/date.ts'
import { endOfHeader, headerValue, parseHeaders } from '../mime/headers.ts'
import { idTextIn, rawIn, textsIn, type Body } from './body.ts'
import { readId } from './ids.ts'
import type { MethodCall } from './method.ts'

/** The message that a call brings, by upload or as `raw`. Throws GmailError 400. */
export function messageOctets(call: MethodCall, message: Body): Buffer {
  const octets = call.media ?? rawIn(message)
  if (octets === undefined || octets.length === 0)
    throw badRequest("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
  return octets
}

/** A thread that exists, or none. Throws GmailError 404. */
export function readThread({ mailbox }: MethodCall, threadId: string | undefined): string | undefined {
  if (threadId === undefined) return undefined
  const thread = readId(threadId)
  if (mailbox.inThread(thread).length === 0) throw notFound()
  return thread
}

/** messages.insert: the message is put into the mailbox as it is. */
export function insertMessage(call: MethodCall): MessageRow {
  return add(call, messageOctets(call, call.body), 'receivedTime')
}

/** messages.import: like insert, but what is there already only gains labels (see choices). */
export function importMessage(call: MethodCall): MessageRow {
  const { mailbox } = call
  const raw = messageOctets(call, call.body)
  const headers = parseHeaders(raw, 0, endOfHeader(raw, 0, raw.length))
  const messageId = messageIdsIn(headerValue(headers, 'message-id') ?? '')[0] ?? ''
  const same =
    messageId === ''
      ? undefined
      : mailbox.db.get<MessageRow>('select * from message where message_id = ? order by n limit 1', messageId)
  if (!same) return add(call, raw, 'dateHeader')
  const labels = readLabels(call).map((id) => mailbox.labels.require(id))
  mailbox.changeLabels(same, labels, [])
  return same
}

function add(call: MethodCall, raw: Buffer, dateSource: 'receivedTime' | 'dateHeader'): MessageRow {
  const { account, mailbox, query } = call
  const source = query.choice('internalDateSource', ['receivedTime', 'dateHeader'], dateSource)
  // `deleted` is for Vault, which only Workspace has: nothing here looks different for it.
  query.flag('deleted')
  const labels = readLabels(call)
  if (isFrom(raw, account.address) && !labels.includes('SENT') && !labels.includes('DRAFT'))
    labels.push('SENT')
  const thread = readThread(call, idTextIn(call.body, 'threadId'))
  const now = call.world.clock.now()
  const date = source === 'dateHeader' ? (readDate(raw) ?? now) : now
  return mailbox.add({ raw, labels, date, thread })
}

function readLabels({ body, mailbox }: MethodCall): string[] {
  const labels = textsIn(body, 'labelIds')
  for (const id of labels)
    if (id === 'CHAT' || !mailbox.labels.byId(id)) throw invalidArgument(`Invalid label: ${id}`)
  return labels
}

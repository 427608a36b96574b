import { labelId, messageId, threadId } from '#mail/ids.ts'
import type { LabelId } from '#mail/ids.ts'
import { parseDate } from '#mail/mime/date.ts'
import { readHeader } from '#mail/mime/header.ts'
import { nonsense } from './failure.ts'
import type {
  Draft,
  DraftPage,
  HistoryEvent,
  HistoryPage,
  ImapSettings,
  Label,
  LabelCounts,
  MessagePage,
  MessageRef,
  PopSettings,
  Profile,
  RawMessage,
  SendAs,
  StoredMessage,
} from './gmail.ts'
import { unescapeSnippet } from './snippet.ts'

/**
 * Gmail's answers as typed values. No shape is trusted: empty lists are absent, numbers may be strings, labelIds is
 * missing on a message without labels, unknown label ids occur (fact sheet sections 2.1 and 7). What cannot be right
 * throws CallFailure.
 */
type Fields = Record<string, unknown>

/** Ids of Gmail's own labels. Fact sheet section 2.9. */
const ownId =
  /^(?:INBOX|SENT|DRAFT|SPAM|TRASH|UNREAD|STARRED|IMPORTANT|CHAT|CATEGORY_[A-Z]+|[A-Z]+_(?:STAR|CIRCLE))$/

/** Every mailbox has these, whether a list of labels names them or not. Fact sheet section 2.9. */
const everywhere = ['INBOX', 'SENT', 'DRAFT', 'SPAM', 'TRASH', 'UNREAD', 'STARRED'].map(labelId)

export function readProfile(json: Fields): Profile {
  const address = text(json, 'emailAddress')
  if (!address.includes('@')) throw nonsense('an emailAddress without @')
  return { address, messagesTotal: count(json, 'messagesTotal'), historyId: bigId(json, 'historyId') }
}

export function readLabels(json: Fields): Label[] {
  const labels = objects(json, 'labels').map(readLabel)
  // Some system label is always there: a list without any would make us drop every mailbox.
  if (labels.length === 0) throw nonsense('a list without labels')
  const listed = new Set(labels.map(({ id }) => id))
  const unsaid = everywhere.filter((id) => !listed.has(id))
  return [
    ...labels,
    ...unsaid.map((id): Label => ({ id, name: id, type: 'system', labelListVisibility: undefined })),
  ]
}

export function readLabel(json: Fields): Label {
  const visibility = json['labelListVisibility']
  const id = readLabelId(json['id'])
  const { type } = json
  const isSystem = type === 'system' || (type === undefined && ownId.test(id))
  return {
    id,
    name: text(json, 'name'),
    type: isSystem ? 'system' : 'user',
    labelListVisibility: typeof visibility === 'string' ? visibility : undefined,
  }
}

export function readLabelCounts(json: Fields): LabelCounts {
  return { messagesTotal: json['messagesTotal'] === undefined ? undefined : integer(json, 'messagesTotal') }
}

/** `asked`: the token by which this page was asked for; the same of the pages below. */
export function readMessagePage(json: Fields, asked: string | undefined): MessagePage {
  return { messages: objects(json, 'messages').map(readRef), nextPageToken: readPageToken(json, asked) }
}

/** `json` is the answer without raw. */
export function readRawMessage(json: Fields, bytes: Buffer): RawMessage {
  const snippet = json['snippet']
  return {
    ...readRef(json),
    labelIds: readLabelIds(json) ?? [],
    internalDate: json['internalDate'] === undefined ? sentDate(bytes) : integer(json, 'internalDate'),
    snippet: typeof snippet === 'string' ? unescapeSnippet(snippet) : '',
    bytes,
  }
}

export function readHistoryPage(json: Fields, asked: string | undefined): HistoryPage {
  const events: HistoryEvent[] = []
  for (const record of objects(json, 'history')) {
    for (const entry of objects(record, 'messagesAdded')) {
      const message = messageOf(entry)
      events.push({ kind: 'added', message: readRef(message), labelIds: readLabelIds(message) })
    }
    for (const entry of objects(record, 'labelsAdded')) events.push(readLabelEvent('labels-added', entry))
    for (const entry of objects(record, 'labelsRemoved')) events.push(readLabelEvent('labels-removed', entry))
    // Within one record the end of a message is its last event.
    for (const entry of objects(record, 'messagesDeleted'))
      events.push({ kind: 'deleted', message: readRef(messageOf(entry)) })
  }
  return { events, nextPageToken: readPageToken(json, asked), historyId: bigId(json, 'historyId') }
}

function readLabelEvent(kind: 'labels-added' | 'labels-removed', entry: Fields): HistoryEvent {
  const message = messageOf(entry)
  const current = readLabelIds(message)
  return {
    kind,
    message: readRef(message),
    labelIds: readLabelIds(entry),
    ...(current === undefined ? {} : { current }),
  }
}

export function readImapSettings(json: Fields): ImapSettings {
  const behavior = json['expungeBehavior']
  return {
    // proto3 leaves false out.
    autoExpunge: json['autoExpunge'] === true,
    // Anything unknown becomes the one that destroys nothing.
    expungeBehavior: behavior === 'trash' || behavior === 'deleteForever' ? behavior : 'archive',
  }
}

export function readPopSettings(json: Fields): PopSettings {
  const { accessWindow, disposition } = json
  return {
    accessWindow: accessWindow === 'fromNowOn' || accessWindow === 'allMail' ? accessWindow : 'disabled',
    // Anything unknown becomes the one that changes nothing.
    disposition:
      disposition === 'archive' || disposition === 'trash' || disposition === 'markRead'
        ? disposition
        : 'leaveInInbox',
  }
}

export function readSendAs(json: Fields): SendAs[] {
  const list = objects(json, 'sendAs').map((entry): SendAs => {
    const displayName = entry['displayName']
    const isPrimary = entry['isPrimary'] === true
    return {
      address: text(entry, 'sendAsEmail'),
      displayName: typeof displayName === 'string' ? displayName : '',
      isPrimary,
      isDefault: entry['isDefault'] === true,
      // The primary has no status.
      verified: isPrimary || entry['verificationStatus'] === 'accepted',
    }
  })
  return list
}

/** The answer to insert, send and drafts.send. `asked`: the labels it has when Gmail does not tell them. */
export function readStoredMessage(json: Fields, asked: readonly LabelId[]): StoredMessage {
  return { ...readRef(json), labelIds: readLabelIds(json) ?? asked }
}

export function readDraft(json: Fields): Draft {
  return { draftId: text(json, 'id'), message: readRef(messageOf(json)) }
}

export function readDraftPage(json: Fields, asked: string | undefined): DraftPage {
  return { drafts: objects(json, 'drafts').map(readDraft), nextPageToken: readPageToken(json, asked) }
}

/** Epoch milliseconds. */
export function readWatch(json: Fields): { expiresAt: number } {
  return { expiresAt: integer(json, 'expiration') }
}

/** What a message says itself of when it was sent; the beginning of time when it does not. */
function sentDate(bytes: Buffer): number {
  return parseDate(readHeader(bytes, 0).first('date') ?? '')?.time ?? 0
}

function readRef(json: Fields): MessageRef {
  const id = text(json, 'id')
  try {
    // A thread has the id of its first message. Fact sheet section 3.
    return {
      id: messageId(id),
      threadId: threadId(json['threadId'] === undefined ? id : text(json, 'threadId')),
    }
  } catch (error) {
    throw nonsense('a message id that is none', error)
  }
}

function messageOf(entry: Fields): Fields {
  const message = entry['message']
  if (!isFields(message)) throw nonsense('an entry without message')
  return message
}

function readLabelId(value: unknown): LabelId {
  if (typeof value !== 'string' || value === '') throw nonsense('a label id that is none')
  return labelId(value)
}

function readLabelIds(json: Fields): LabelId[] | undefined {
  const list = json['labelIds']
  if (list === undefined || list === null) return undefined
  if (!Array.isArray(list)) throw nonsense('labelIds is not a list')
  return list.map(readLabelId)
}

function readPageToken(json: Fields, asked: string | undefined): string | undefined {
  const token = json['nextPageToken']
  if (token !== undefined && token === asked) throw nonsense('a page that follows itself')
  if (token === undefined || token === null || token === '') return undefined
  if (typeof token === 'string') return token
  if (typeof token === 'number' && Number.isSafeInteger(token)) return String(token)
  // To take this for the end would mean that all the rest does not exist.
  throw nonsense('nextPageToken is no text')
}

function objects(json: Fields, name: string): Fields[] {
  const list = json[name]
  if (list === undefined || list === null) return []
  if (!Array.isArray(list) || !list.every(isFields)) throw nonsense(`${name} is not a list of objects`)
  return list
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(json: Fields, name: string): string {
  const value = json[name]
  if (typeof value !== 'string' || value === '') throw nonsense(`${name} is missing`)
  return value
}

/** A number, or one written as a string; absent is 0, as proto3 leaves it out. */
function count(json: Fields, name: string): number {
  return json[name] === undefined ? 0 : integer(json, name)
}

function integer(json: Fields, name: string): number {
  const value = json[name]
  const number = typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw nonsense(`${name} is not an integer`)
  return number
}

/** A uint64 as a decimal string; small ones have been seen as numbers. */
function bigId(json: Fields, name: string): bigint {
  const value = json[name]
  if (typeof value === 'string' && /^[0-9]{1,20}$/.test(value)) return BigInt(value)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  throw nonsense(`${name} is not a history id`)
}

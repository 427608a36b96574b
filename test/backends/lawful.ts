import { gzipSync } from 'node:zlib'
import { eachObject, isObject, told, without } from './backend.ts'
import type { Asked, Backend, Json, JsonObject, Told } from './backend.ts'
import { otherIds } from './other-ids.ts'

/** An answer's entries of one name, changed. */
function list(json: Json, name: string, change: (entries: JsonObject[]) => JsonObject[]): Json {
  const entries = isObject(json) ? json[name] : undefined
  if (!isObject(json) || !Array.isArray(entries)) return json
  return { ...json, [name]: change(entries.filter(isObject)) }
}

const isLabel = (object: JsonObject) => 'name' in object && 'id' in object

function withQuery(url: string, key: string, value: string): string {
  const whole = new URL(url, 'http://x')
  whole.searchParams.set(key, value)
  return whole.pathname + whole.search
}

const listed = new Set(['GET /messages', 'GET /drafts'])
const nowhere = told(404, '<html><body>Not Found</body></html>')

function retold(headers: Record<string, string>, manner?: Told['manner']): Backend {
  return {
    tell: (answer) => ({
      ...answer,
      headers: { ...answer.headers, ...headers },
      ...(manner === undefined ? {} : { manner }),
    }),
  }
}

/** The raw message in another alphabet of base64. */
function respelled(spell: (raw: string) => string): Backend {
  return {
    json: (json) =>
      eachObject(json, (one) => (typeof one['raw'] === 'string' ? { ...one, raw: spell(one['raw']) } : one)),
  }
}

function fewer(key: 'messages' | 'history', most: number): Backend {
  return {
    ask: ({ call, url }) => {
      const meant = key === 'history' ? call === 'GET /history' : listed.has(call)
      return meant ? { url: withQuery(url, 'maxResults', String(most)) } : {}
    },
  }
}

function tokenAnswer(change: (answer: JsonObject) => JsonObject): Backend {
  return { json: (json, { call }) => (call === 'POST /token' && isObject(json) ? change(json) : json) }
}

function missing(isMissing: (asked: Asked) => boolean, answer = nowhere): Backend {
  return { refuse: (asked) => (isMissing(asked) ? answer : undefined) }
}

const historyOf = (change: (record: JsonObject) => JsonObject[]): Backend => ({
  json: (json, { call }) =>
    call === 'GET /history' ? list(json, 'history', (records) => records.flatMap(change)) : json,
})

/** Of each entry of a record's specific lists. */
function eachEntry(record: JsonObject, change: (entry: JsonObject, name: string) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([name, entries]) => [
      name,
      Array.isArray(entries) ? entries.map((one) => (isObject(one) ? change(one, name) : one)) : entries,
    ]),
  )
}

/** What the fact sheet lets a Gmail say and do otherwise than the simulator. */
export const lawful: Readonly<Record<string, Backend>> = {
  'says more than anybody asked for': {
    json: (json) =>
      eachObject(json, (one) => ({
        etag: '"x"',
        classificationLabelValues: [{ labelId: 'c', fields: [{ raw: 'bm8' }] }],
        ...one,
        kind: 'gmail#thing',
      })),
  },
  'leaves out what is optional': {
    json: (json) =>
      eachObject(json, (one) => {
        const lean = without(
          one,
          'resultSizeEstimate',
          'snippet',
          'sizeEstimate',
          'labelListVisibility',
          'messageListVisibility',

          'color',
          'messagesTotal',
          'messagesUnread',
          'threadsTotal',
          'threadsUnread',
          'displayName',
          'signature',
        )
        // A history id belongs to the mailbox; that of a message nobody needs.
        return 'threadId' in lean ? without(lean, 'historyId') : lean
      }),
  },
  'leaves out threads, dates and the type of labels': {
    json: (json) =>
      eachObject(json, (one) => {
        const lean = without(one, 'internalDate')
        return isLabel(lean) ? without(lean, 'type') : without(lean, 'threadId')
      }),
  },
  'lists no label that everybody has': {
    json: (json) =>
      list(json, 'labels', (labels) =>
        labels.filter(({ id }) => id === 'INBOX' || JSON.stringify(id).startsWith('"Label_')),
      ),
  },
  'has its own order': {
    json: (json) =>
      eachObject(
        list(json, 'labels', (labels) => labels.toReversed()),
        (one) => Object.fromEntries(Object.entries(one).toReversed()),
      ),
  },
  'writes empty lists and an empty token': {
    json: (json, { call }) =>
      ['GET /messages', 'GET /history', 'GET /drafts'].includes(call) && isObject(json)
        ? { nextPageToken: '', [call.slice('GET /'.length)]: [], ...json }
        : json,
  },
  'writes numbers as text, and text as numbers': {
    json: (json) =>
      eachObject(json, (one) =>
        Object.fromEntries(
          Object.entries(one).map(([key, value]) => [
            key,
            key === 'historyId' || key === 'internalDate'
              ? Number(value)
              : key.endsWith('Total') || key.endsWith('Unread') || key === 'expires_in'
                ? String(value as number)
                : value,
          ]),
        ),
      ),
  },
  'gives two messages a page': fewer('messages', 2),
  'gives one record of history a page': fewer('history', 1),
  'tells history twice, and beside it of messages alone': historyOf((record) => [
    { id: record['id'] ?? '0', messages: record['messages'] ?? [] },
    record,
    record,
  ]),
  'tells history without the labels of messages': historyOf((record) => [
    eachEntry(record, (entry) => ({
      ...entry,
      ...(isObject(entry['message']) ? { message: without(entry['message'], 'labelIds') } : {}),
    })),
  ]),
  'tells that labels changed, not which': historyOf((record) => [
    eachEntry(record, (entry, name) => (name.startsWith('labels') ? without(entry, 'labelIds') : entry)),
  ]),
  'answers a change with as little as it can': {
    tell: (answer, { call, method }) =>
      method === 'GET' || call.includes('labels') || call === 'POST /token'
        ? answer
        : answer.status >= 300 || answer.body.length === 0
          ? answer
          : {
              ...answer,
              body: Buffer.from(JSON.stringify(leastOf(JSON.parse(answer.body.toString()) as Json))),
            },
  },
  'counts nothing': {
    json: (json, { call }) =>
      call === 'GET /labels/*' && isObject(json) ? { ...json, messagesTotal: 0, messagesUnread: 0 } : json,
  },
  'writes base64url without padding': respelled((raw) => raw.replaceAll('=', '')),
  'writes base64 as mail does': respelled((raw) => Buffer.from(raw, 'base64url').toString('base64')),
  'answers in chunks': retold({}, 'in chunks'),
  'answers a little at a time': retold({}, 'a little at a time'),
  'closes the connection after each answer': retold({}, 'and then the connection is closed'),
  'tells no type': { tell: ({ status, body }) => ({ status, body, headers: {} }) },
  'gives tokens and says hardly anything of them': tokenAnswer(({ access_token, expires_in }) => ({
    access_token: access_token ?? '',
    expires_in: JSON.stringify(expires_in),
    id_token: 'a.b.c',
  })),
  'has nothing beside mail': missing(
    ({ call, url }) =>
      /tokeninfo|userinfo/.test(url) || call.includes('/settings/') || url.startsWith('/batch'),
  ),
  'has no settings, and says so as Google does': missing(
    ({ call }) => call.includes('/settings/'),
    told(404, { error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' } }),
  ),
  'takes no uploads': missing(({ url }) => url.startsWith('/upload/')),
  'has ids of its own': otherIds,
  // Last, so that others can read what they change.
  'compresses, and tells the type in its own way': {
    tell: (answer) => ({
      ...answer,
      headers: {
        ...answer.headers,
        'content-type': 'application/JSON;Charset="utf-8"',
        'content-encoding': 'gzip',
        etag: 'W/"1"',
      },
      body: gzipSync(answer.body),
    }),
  },
}

function leastOf(json: Json): Json {
  if (!isObject(json)) return json
  const { id, message } = json
  if (isObject(message)) return { id: id ?? '', message: leastOf(message) }
  return id === undefined ? {} : { id }
}

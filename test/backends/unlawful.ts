import { eachObject, isObject, refusal, told, without } from './backend.ts'
import type { Backend } from './backend.ts'

/** What no Gmail does; nothing can come of it. */
export const unlawful: Readonly<Record<string, Backend>> = {
  'has no history id': {
    json: (json, { call }) => (call === 'GET /profile' && isObject(json) ? without(json, 'historyId') : json),
  },
  'lists no labels': {
    json: (json, { call }) => (call === 'GET /labels' && isObject(json) ? { ...json, labels: [] } : json),
  },
  'has ids that are no numbers': {
    json: (json) =>
      eachObject(json, (one) =>
        'threadId' in one ? { ...one, id: `message-${JSON.stringify(one['id'])}` } : one,
      ),
  },
  'has a page that follows itself': {
    json: (json, { call }) =>
      call === 'GET /messages' && isObject(json) ? { ...json, nextPageToken: '1' } : json,
    ask: ({ call, url }) => (call === 'GET /messages' ? { url: url.replace(/[?&]pageToken=1/, '') } : {}),
  },
  'answers every call with 500': {
    refuse: ({ call }) => (call === 'POST /token' ? undefined : told(500, '<html>Error</html>')),
  },
  'answers every call with 401': {
    refuse: ({ call }) =>
      call === 'POST /token' ? undefined : refusal(401, 'authError', 'Invalid Credentials'),
  },
  'answers every call with a page that is no error': {
    tell: (answer, { call }) =>
      call === 'POST /token' ? answer : told(200, '<html>Welcome to the hotel</html>'),
  },
  'gives no tokens': { refuse: ({ call }) => (call === 'POST /token' ? told(200, {}) : undefined) },
}

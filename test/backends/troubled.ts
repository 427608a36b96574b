import { refusal, told } from './backend.ts'
import type { Asked, Backend, Told } from './backend.ts'

/** Requests of an account that go wrong: in the first listing, while messages are read, and later. */
const unlucky = new Set([3, 9, 27, 81])

/** What is done at most once must not be in doubt here: that costs looking, which has tests of its own. */
const once = /^POST \/(?:upload|drafts|messages\/send|labels)/

function sometimes(answer: Told, isMeant: (asked: Asked) => boolean = () => true): Backend {
  return {
    refuse: (asked) =>
      asked.call !== 'POST /token' && unlucky.has(asked.before) && isMeant(asked) ? answer : undefined,
  }
}

function broken(change: (answer: Told) => Told): Backend {
  return {
    tell: (answer, { call, before }) =>
      call !== 'POST /token' && unlucky.has(before) && !once.test(call) ? change(answer) : answer,
  }
}

const isTold = ({ call }: Asked) => !once.test(call)

/** What Gmail does on a bad day. Fact sheet section 1.4. */
export const troubled: Readonly<Record<string, Backend>> = {
  'has too many requests at once': sometimes(
    refusal(429, 'rateLimitExceeded', 'Too many concurrent requests for user'),
  ),
  'says when to come again': sometimes(
    refusal(429, 'rateLimitExceeded', 'Resource has been exhausted (e.g. check quota).', {
      'retry-after': '1',
    }),
  ),
  'refuses with 403 for rateLimitExceeded': sometimes(
    refusal(403, 'rateLimitExceeded', 'Quota exceeded for quota metric'),
  ),
  'refuses with 403 for userRateLimitExceeded': sometimes(
    refusal(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded'),
  ),
  'refuses with 403 for quotaExceeded': sometimes(refusal(403, 'quotaExceeded', 'Quota Exceeded')),
  'does not know its own token': sometimes(refusal(401, 'authError', 'Invalid Credentials')),
  'fails with 500 and a page': sometimes(told(500, '<html><title>Error 500</title></html>'), isTold),
  'fails with 502 and a page': sometimes(told(502, '<html><title>Bad Gateway</title></html>'), isTold),
  'fails with 503 and the error in a word': sometimes(told(503, { error: 'backendError' }), isTold),
  'says 404 in a word, as a proxy does': sometimes(told(404, { error: 'not found' }), isTold),
  'cuts its answers, with the wrong length': broken((answer) => ({ ...answer, manner: 'by half' })),
  'cuts its answers, with the right length': broken((answer) => ({
    ...answer,
    body: answer.body.subarray(0, answer.body.length / 2),
  })),
}

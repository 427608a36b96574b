import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { choices } from '../choices.ts'
import { notFound } from '../errors.ts'
import { registerBatch } from './batch.ts'
import type { ApiAnswer, ApiCall, Dispatch } from './call.ts'
import { boundaryOf, partsOf, readPart } from './multipart.ts'

const open: FastifyInstance[] = []
afterEach(async () => {
  for (const app of open.splice(0)) await app.close()
})

/** Says back what it was asked. */
const echo: Dispatch = async ({ method, path, query, headers, body }) => ({
  status: 200,
  headers: { etag: 'none' },
  body: { method, path, query: query.toString(), headers, body: body.toString() },
})

async function start(dispatch: Dispatch = echo): Promise<string> {
  const app = Fastify({ forceCloseConnections: true })
  open.push(app)
  registerBatch(app, dispatch)
  return app.listen({ host: '127.0.0.1', port: 0 })
}

interface Inner {
  id: string | undefined
  status: string
  headers: ReadonlyMap<string, string>
  body: string
}

function post(
  base: string,
  body: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${base}/batch/gmail/v1${query}`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/mixed; boundary="===b=="', authorization: 'Bearer t', ...headers },
    body,
  })
}

async function inner(response: Response): Promise<Inner[]> {
  assert.equal(response.status, 200)
  const boundary = boundaryOf(response.headers.get('content-type') ?? '', 'multipart/mixed')
  assert.match(boundary ?? '', /^batch_/)
  const body = Buffer.from(await response.arrayBuffer())
  return [...partsOf(body, boundary ?? '')].map((part) => {
    const outer = readPart(part)
    assert.equal(outer.headers.get('content-type'), 'application/http')
    const lineEnd = outer.body.indexOf('\r\n')
    const message = readPart(outer.body.subarray(lineEnd + 2))
    return {
      id: outer.headers.get('content-id'),
      status: outer.body.toString('latin1', 0, lineEnd),
      headers: message.headers,
      body: message.body.toString(),
    }
  })
}

interface Echo {
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: string
}

async function echoes(response: Response): Promise<Echo[]> {
  return (await inner(response)).map(({ body }) => JSON.parse(body) as Echo)
}

function batchOf(...calls: string[]): string {
  const parts = calls.map(
    (call, at) => `--===b==\r\nContent-Type: application/http\r\nContent-ID: <c${at}>\r\n\r\n${call}\r\n`,
  )
  return `${parts.join('')}--===b==--`
}

describe('the batch endpoint', () => {
  it('answers each call in its order, with status line, length and its Content-ID', async () => {
    const base = await start(async (call) => {
      if (call.path.endsWith('/none')) return { status: 404, headers: {}, body: notFound().envelope() }
      if (call.method === 'DELETE') return { status: 204, headers: {}, body: undefined }
      return { status: 200, headers: { vary: 'Origin' }, body: { path: call.path } }
    })
    const answers = await inner(
      await post(
        base,
        batchOf(
          'GET /gmail/v1/users/me/messages/1?format=raw HTTP/1.1\r\n\r\n',
          'DELETE /gmail/v1/users/me/drafts/r1',
          'GET /gmail/v1/users/me/messages/none',
        ),
      ),
    )
    assert.deepEqual(
      answers.map(({ id, status }) => [id, status]),
      [
        ['<response-c0>', 'HTTP/1.1 200 OK'],
        ['<response-c1>', 'HTTP/1.1 204 No Content'],
        ['<response-c2>', 'HTTP/1.1 404 Not Found'],
      ],
    )
    const [first, second] = answers
    assert.deepEqual(JSON.parse(first?.body ?? ''), { path: '/gmail/v1/users/me/messages/1' })
    assert.equal(first?.headers.get('vary'), 'Origin')
    assert.equal(first?.headers.get('content-type'), 'application/json; charset=UTF-8')
    assert.equal(first?.headers.get('content-length'), String(first?.body.length))
    assert.equal(second?.body, '')
  })

  it('applies outer headers and query to each call unless it says otherwise', async () => {
    const base = await start()
    const [plain, own] = await echoes(
      await post(
        base,
        batchOf(
          'GET /gmail/v1/users/me/labels HTTP/1.1',
          'POST /gmail/v1/users/me/labels?fields=id HTTP/1.1\r\nAuthorization: Bearer other\r\nContent-Type: application/json\r\n\r\n{"name":"é"}',
        ),
        '?fields=name&quotaUser=q',
        { 'x-goog-api-client': 'gdcl' },
      ),
    )
    assert.equal(plain?.query, 'fields=name&quotaUser=q')
    assert.equal(plain.headers['authorization'], 'Bearer t')
    assert.equal(plain.headers['x-goog-api-client'], 'gdcl')
    assert.equal(plain.headers['content-type'], undefined)
    assert.equal(plain.headers['content-length'], undefined)
    assert.equal(plain.body, '')
    assert.equal(own?.query, 'fields=id&quotaUser=q')
    assert.equal(own.headers['authorization'], 'Bearer other')
    assert.equal(own.headers['content-type'], 'application/json')
    assert.equal(own.body.trim(), '{"name":"é"}')
  })

  it('takes whole addresses, bare line feeds, lengths, and calls without a Content-ID', async () => {
    const base = await start()
    const response = await fetch(`${base}/batch`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/mixed; boundary=b' },
      body:
        '--b\nContent-Type: application/http\nContent-ID: plain\n\nGET https://gmail.googleapis.com/gmail/v1/users/me/profile?x=1\n\n\n' +
        '--b\nContent-Type: application/http\n\nPOST /gmail/v1/users/me/stop HTTP/1.1\nContent-Length: 2\n\n{}trailing\n--b--\n',
    })
    const answers = await inner(response)
    assert.deepEqual(
      answers.map(({ id }) => id),
      ['response-plain', undefined],
    )
    const [first, second] = answers.map(({ body }) => JSON.parse(body) as Echo)
    assert.deepEqual([first?.path, first?.query], ['/gmail/v1/users/me/profile', 'x=1'])
    assert.equal(second?.body, '{}')
  })

  it('starts its calls together', async () => {
    const waiting: (() => void)[] = []
    const base = await start(async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      if (waiting.length === 3) for (const release of waiting) release()
      await promise
      return { status: 200, headers: {}, body: {} }
    })
    const answers = await inner(await post(base, batchOf('GET /a', 'GET /b', 'GET /c')))
    assert.equal(answers.length, 3)
  })

  it('answers a malformed part with a 400 and the others as ever', async () => {
    const base = await start()
    const body = batchOf(
      'nonsense',
      'GET relative HTTP/1.1',
      `GET /${'a'.repeat(20_000)} HTTP/1.1`,
      'POST /upload/gmail/v1/users/me/messages?uploadType=media HTTP/1.1',
      'POST /gmail/v1/users/me/messages HTTP/1.1\r\nContent-Length: 99\r\n\r\n{}',
      'GET /gmail/v1/users/me/profile HTTP/1.1',
    ).replace('--===b==--', '--===b==\r\nContent-Type: text/plain\r\n\r\nGET /a\r\n--===b==--')
    const answers = await inner(await post(base, body))
    assert.deepEqual(
      answers.map(({ status }) => status.slice(9, 12)),
      ['400', '400', '400', '400', '400', '200', '400'],
    )
    for (const answer of answers.filter(({ status }) => status.includes('400'))) {
      assert.equal(
        (JSON.parse(answer.body) as { error: { status: string } }).error.status,
        'INVALID_ARGUMENT',
      )
    }
  })

  it('answers a body over the limit for JSON, and a call that fails, in their own parts', async () => {
    const base = await start(async (call): Promise<ApiAnswer> => {
      if (call.path === '/fails') throw new Error('a fault of the simulator')
      return echo(call)
    })
    const large = `POST /a HTTP/1.1\r\n\r\n{"raw":"${'a'.repeat(choices.jsonBodyBytes)}"}`
    const answers = await inner(await post(base, batchOf(large, 'GET /fails', 'GET /b')))
    assert.deepEqual(
      answers.map(({ status }) => status.slice(9, 12)),
      ['413', '500', '200'],
    )
  })

  it('takes a hundred calls and no more', async () => {
    const calls: ApiCall[] = []
    const base = await start(async (call) => {
      calls.push(call)
      return { status: 204, headers: {}, body: undefined }
    })
    const many = Array.from({ length: 101 }, (_, at) => `GET /${at}`)
    assert.equal((await inner(await post(base, batchOf(...many.slice(1))))).length, 100)
    calls.length = 0
    const response = await post(base, batchOf(...many))
    assert.equal(response.status, 400)
    const { error } = (await response.json()) as { error: { message: string } }
    assert.equal(error.message, 'Inner request count exceeds the limit. Received: 101, Limit: 100')
    assert.equal(calls.length, 0)
  })

  it('refuses what is no batch', async () => {
    const base = await start()
    for (const [body, type] of [
      ['{}', 'application/json'],
      ['--b--', 'multipart/mixed'],
      ['nothing', 'multipart/mixed; boundary=b'],
      ['--b\r\nContent-Type: application/http\r\n\r\nGET /a', 'multipart/mixed; boundary=b'],
    ] as const) {
      const response = await post(base, body, '', { 'content-type': type })
      assert.equal(response.status, 400, body)
      assert.equal(((await response.json()) as { error: { code: number } }).error.code, 400)
    }
  })
})

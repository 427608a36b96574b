import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import { gmail } from 'googleapis/build/src/apis/gmail/index.js'
import { choices } from '../choices.ts'
import { notFound } from '../errors.ts'
import type { ApiCall, Dispatch } from './call.ts'
import { registerUploads } from './uploads.ts'

const eml = 'From: a@x.test\r\nSubject: =?utf-8?Q?=C3=A9?=\r\n\r\nHello\r\n'
const rfc822 = { 'content-type': 'message/rfc822' }
const chunk = 256 * 1024

interface House {
  base: string
  calls: ApiCall[]
  clock: { now: number }
  /** What the method answers; put another there to change it. */
  method: { answer: Dispatch }
}

const open: FastifyInstance[] = []
afterEach(async () => {
  for (const app of open.splice(0)) await app.close()
})

async function start(): Promise<House> {
  const app = Fastify({ forceCloseConnections: true })
  open.push(app)
  const calls: ApiCall[] = []
  const clock = { now: 0 }
  const method: House['method'] = {
    answer: async ({ media }) => ({ status: 200, headers: {}, body: { id: '18c', size: media?.length } }),
  }
  const dispatch = async (call: ApiCall) => {
    calls.push({ ...call, media: call.media && Buffer.from(call.media) })
    return method.answer(call)
  }
  registerUploads(app, dispatch, { now: () => clock.now, randomBytes })
  return { base: await app.listen({ host: '127.0.0.1', port: 0 }), calls, clock, method }
}

async function begin(house: House, headers: Record<string, string> = {}, metadata?: object): Promise<string> {
  const response = await fetch(`${house.base}/upload/gmail/v1/users/me/messages?uploadType=resumable&a=b`, {
    method: 'POST',
    headers: { authorization: 'Bearer t', 'content-type': 'application/json', ...headers },
    body: metadata === undefined ? '' : JSON.stringify(metadata),
  })
  assert.equal(response.status, 200, await response.text())
  return response.headers.get('location') ?? ''
}

function put(
  address: string,
  body: Buffer | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(address, {
    method: 'PUT',
    headers,
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
}

interface Envelope {
  error: { code: number; message: string; status: string; errors: { reason: string }[] }
}

async function refusal(response: Response): Promise<{ code: number; message: string }> {
  const { error } = (await response.json()) as Envelope
  assert.equal(error.code, response.status)
  assert.equal(error.errors.length, 1)
  return { code: error.code, message: error.message }
}

describe('a media upload', () => {
  it('becomes a call whose path has no upload prefix, with the octets as they came', async () => {
    const house = await start()
    for (const prefix of ['/upload', '/resumable/upload']) {
      const response = await fetch(
        `${house.base}${prefix}/gmail/v1/users/a%40x.test/messages/import?uploadType=media&deleted=false`,
        { method: 'POST', headers: { ...rfc822, authorization: 'Bearer t' }, body: eml },
      )
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('content-type'), 'application/json; charset=UTF-8')
      assert.deepEqual(await response.json(), { id: '18c', size: eml.length })
      const call = house.calls.at(-1)
      assert.equal(call?.path, '/gmail/v1/users/a%40x.test/messages/import')
      assert.equal(call.query.get('deleted'), 'false')
      assert.equal(call.headers['authorization'], 'Bearer t')
      assert.equal(call.media?.toString(), eml)
      assert.equal(call.body.length, 0)
    }
  })

  it('may come in chunks of unknown length and as gzip', async () => {
    const house = await start()
    const url = `${house.base}/upload/gmail/v1/users/me/drafts/r12?uploadType=media`
    const packed = await fetch(url, {
      method: 'PUT',
      headers: { ...rfc822, 'content-encoding': 'gzip' },
      body: gzipSync(eml),
    })
    assert.equal(packed.status, 200)
    const chunked = await fetch(url, {
      method: 'PUT',
      headers: rfc822,
      body: Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')])),
      duplex: 'half',
    })
    assert.equal(chunked.status, 200)
    assert.deepEqual(
      house.calls.map(({ method, path, media }) => [method, path, media?.toString()]),
      [
        ['PUT', '/gmail/v1/users/me/drafts/r12', eml],
        ['PUT', '/gmail/v1/users/me/drafts/r12', 'ab'],
      ],
    )
  })

  it('of another type, broken gzip or an unknown uploadType is a 400 in an envelope', async () => {
    const house = await start()
    const url = `${house.base}/upload/gmail/v1/users/me/messages`
    const related = 'multipart/related; boundary=x'
    for (const [query, headers, message] of [
      ['uploadType=media', { 'content-type': related }, `Media type '${related}' is not supported.`],
      [
        'uploadType=media',
        { 'content-type': 'application/json' },
        "Media type 'application/json' is not supported.",
      ],
      ['uploadType=multipart', rfc822, "Media type 'message/rfc822' is not supported."],
      ['uploadType=media', { ...rfc822, 'content-encoding': 'gzip' }, 'Request body is not valid gzip.'],
      [
        'uploadType=other',
        rfc822,
        'Invalid upload request: uploadType must be media, multipart or resumable.',
      ],
    ] as const) {
      const response = await fetch(`${url}?${query}`, { method: 'POST', headers, body: eml })
      assert.deepEqual(await refusal(response), { code: 400, message })
    }
    assert.equal(house.calls.length, 0)
  })

  it('over the limit of its method is a 413, announced or not, and packed or not', async () => {
    const house = await start()
    const url = `${house.base}/upload/gmail/v1/users/me/messages/send?uploadType=media`
    const large = Buffer.alloc(choices.sendBytes + 1, 'a')
    for (const [headers, body] of [
      [rfc822, large],
      [{ ...rfc822, 'content-encoding': 'gzip' }, gzipSync(large)],
    ] as const) {
      const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
      assert.equal((await refusal(response)).code, 413)
    }
    assert.equal(house.calls.length, 0)
  })

  it('answers what the method answers, without content too', async () => {
    const house = await start()
    house.method.answer = async () => ({ status: 204, headers: { 'x-seen': 'yes' }, body: undefined })
    const response = await fetch(`${house.base}/upload/gmail/v1/users/me/drafts/send?uploadType=media`, {
      method: 'POST',
      headers: rfc822,
      body: eml,
    })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('x-seen'), 'yes')
    assert.equal(await response.text(), '')
  })
})

describe('a multipart upload', () => {
  const url = '/upload/gmail/v1/users/me/messages?uploadType=multipart'
  const metadata = 'content-type: application/json; charset=UTF-8\r\n\r\n{"labelIds":["INBOX"]}'

  function post(house: House, body: string, boundary = 'b'): Promise<Response> {
    return fetch(house.base + url, {
      method: 'POST',
      headers: { 'content-type': `multipart/related; boundary="${boundary}"` },
      body,
    })
  }

  it('is JSON and then the message, line ends around it untouched', async () => {
    const house = await start()
    await post(house, `--b\r\n${metadata}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${eml}\r\n--b--`)
    const message = `${eml}--bc\r\n --b\r\n`
    await post(
      house,
      `preamble\n--b  \n${metadata}\n--b\nContent-Type: message/rfc822\n\n${message}\n--b--\n after`,
    )
    const packed = Buffer.from(eml).toString('base64')
    await post(
      house,
      `--b\r\n${metadata}\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${packed}\r\n--b--`,
    )
    assert.deepEqual(
      house.calls.map(({ body, media }) => [body.toString(), media?.toString()]),
      [eml, message, eml].map((expected) => ['{"labelIds":["INBOX"]}', expected]),
    )
  })

  it('is malformed without a last boundary, with one part, with three, or in another order', async () => {
    const house = await start()
    const message = `Content-Type: message/rfc822\r\n\r\n${eml}`
    for (const [body, expected] of [
      [`--b\r\n${metadata}\r\n--b\r\n${message}\r\n`, 'Missing end boundary in multipart body.'],
      [`--b\r\n${message}\r\n--b--`, 'Malformed multipart body.'],
      [`--b\r\n${metadata}\r\n--b\r\n${message}\r\n--b\r\n${message}\r\n--b--`, 'Malformed multipart body.'],
      ['nothing', 'Malformed multipart body.'],
      [
        `--b\r\n${message}\r\n--b\r\n${metadata}\r\n--b--`,
        "Media type 'application/json; charset=UTF-8' is not supported.",
      ],
      [`--b\r\n${message}\r\n--b\r\n${message}\r\n--b--`, "Media type 'message/rfc822' is not supported."],
    ] as const) {
      assert.deepEqual(await refusal(await post(house, body)), { code: 400, message: expected })
    }
    assert.equal(house.calls.length, 0)
  })

  it('is what googleapis sends for media with a requestBody; media alone is a media upload', async () => {
    const house = await start()
    const api = gmail({ version: 'v1', rootUrl: house.base })
    const media = { mimeType: 'message/rfc822', body: eml }
    await api.users.messages.insert(
      { userId: 'me', requestBody: { labelIds: ['INBOX'] }, media },
      { rootUrl: house.base },
    )
    await api.users.messages.send({ userId: 'me', media }, { rootUrl: house.base })
    await api.users.drafts.update(
      {
        userId: 'me',
        id: 'r-1',
        requestBody: { message: { threadId: '1' } },
        media: { ...media, body: Readable.from([eml]) },
      },
      { rootUrl: house.base },
    )
    assert.deepEqual(
      house.calls.map(({ method, path, query, body, media: octets }) => [
        method,
        path,
        query.get('uploadType'),
        body.toString(),
        octets?.toString(),
      ]),
      [
        ['POST', '/gmail/v1/users/me/messages', 'multipart', '{"labelIds":["INBOX"]}', eml],
        ['POST', '/gmail/v1/users/me/messages/send', 'media', '', eml],
        ['PUT', '/gmail/v1/users/me/drafts/r-1', 'multipart', '{"message":{"threadId":"1"}}', eml],
      ],
    )
  })
})

describe('a resumable upload', () => {
  const content = randomBytes(chunk * 2 + 1000)
  const total = content.length

  it('comes in chunks, each answered 308 with what is there, and is one call when it is whole', async () => {
    const house = await start()
    const address = await begin(
      house,
      { 'x-upload-content-type': 'message/rfc822', 'x-upload-content-length': String(total) },
      { labelIds: ['INBOX'] },
    )
    assert.equal(new URL(address).origin, house.base)
    const empty = await put(address, '', { 'content-range': `bytes */${total}` })
    assert.deepEqual([empty.status, empty.headers.get('range')], [308, null])
    const first = await put(address, content.subarray(0, chunk), {
      'content-range': `bytes 0-${chunk - 1}/${total}`,
    })
    assert.deepEqual([first.status, first.headers.get('range')], [308, `bytes=0-${chunk - 1}`])
    const quiet = await put(address, '', { 'content-range': 'bytes */*', 'x-guploader-no-308': 'yes' })
    assert.deepEqual([quiet.status, quiet.headers.get('x-http-status-code-override')], [200, '308'])
    assert.equal(house.calls.length, 0)
    const last = await put(address, content.subarray(chunk), {
      'content-range': `bytes ${chunk}-${total - 1}/${total}`,
    })
    assert.equal(last.status, 200)
    assert.deepEqual(await last.json(), { id: '18c', size: total })
    const [call, ...more] = house.calls
    assert.ok(call !== undefined)
    assert.equal(more.length, 0)
    assert.ok(call.media?.equals(content))
    assert.equal(call.body.toString(), '{"labelIds":["INBOX"]}')
    assert.equal(call.method, 'POST')
    assert.equal(call.path, '/gmail/v1/users/me/messages')
    assert.equal(call.query.get('a'), 'b')
    assert.equal(call.query.has('upload_id'), false)
    assert.equal(call.headers['authorization'], 'Bearer t')
    // Asked again: the same answer, no second message.
    const again = await put(address, '', { 'content-range': `bytes */${total}` })
    assert.deepEqual(await again.json(), { id: '18c', size: total })
    assert.equal(house.calls.length, 1)
  })

  it('may come whole without Content-Range, and a length may be told only by the last chunk', async () => {
    const house = await start()
    assert.equal((await put(await begin(house), content)).status, 200)
    const address = await begin(house)
    const first = await put(address, content.subarray(0, chunk), {
      'content-range': `bytes 0-${chunk - 1}/*`,
    })
    assert.equal(first.status, 308)
    const last = await put(address, content.subarray(chunk), {
      'content-range': `bytes ${chunk}-${total - 1}/${total}`,
    })
    assert.equal(last.status, 200)
    for (const { media } of house.calls) assert.ok(media?.equals(content))
    assert.equal(house.calls.length, 2)
  })

  it('keeps multiples of 256 KiB of a chunk, passes over what it has, and refuses gaps', async () => {
    const house = await start()
    const address = await begin(house)
    const odd = await put(address, content.subarray(0, chunk + 10), {
      'content-range': `bytes 0-${chunk + 9}/*`,
    })
    assert.equal(odd.headers.get('range'), `bytes=0-${chunk - 1}`)
    const gap = await put(address, content.subarray(chunk + 10), {
      'content-range': `bytes ${chunk + 10}-${total - 1}/${total}`,
    })
    assert.equal(gap.status, 503)
    assert.match(
      await gap.text(),
      /the upload offset is 262154 byte\(s\), which exceeds already uploaded size of 262144/,
    )
    const overlapping = await put(address, content.subarray(100), {
      'content-range': `bytes 100-${total - 1}/${total}`,
    })
    assert.equal(overlapping.status, 200)
    assert.ok(house.calls[0]?.media?.equals(content))
  })

  it('goes on where a cut connection left it', async () => {
    const house = await start()
    const address = new URL(await begin(house))
    const socket = connect(Number(new URL(house.base).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `PUT ${address.pathname}${address.search} HTTP/1.1\r\nHost: x\r\nContent-Length: ${total}\r\n` +
        `Content-Range: bytes 0-${total - 1}/${total}\r\n\r\n`,
    )
    socket.write(content.subarray(0, chunk + 5))
    let range: string | null = null
    while (range === null) {
      const probe = await put(address.href, '', { 'content-range': 'bytes */*' })
      range = probe.headers.get('range')
    }
    socket.destroy()
    await once(socket, 'close')
    const kept = Number(/-(\d+)$/.exec(range)?.[1]) + 1
    assert.equal(kept, chunk)
    const rest = await put(address.href, content.subarray(kept), {
      'content-range': `bytes ${kept}-${total - 1}/${total}`,
    })
    assert.equal(rest.status, 200, await rest.text())
    assert.ok(house.calls[0]?.media?.equals(content))
  })

  it('refuses wrong ranges, small chunks, other lengths and what is too large', async () => {
    const house = await start()
    const address = await begin(house, { 'x-upload-content-length': String(total) })
    for (const [body, range] of [
      ['abc', 'bytes 0-3/*'],
      ['abcd', 'bytes 0-2/*'],
      ['abc', 'bytes 0-2/*'],
      ['abc', 'bytes 2-0/9'],
      ['abc', `bytes 0-2/${total + 1}`],
      ['abc', 'octets 0-2/3'],
      ['abc', ''],
      ['', 'bytes */3'],
    ] as const) {
      const response = await put(address, body, { 'content-range': range })
      assert.equal(response.status, 400, range)
      assert.equal((await refusal(response)).code, 400)
    }
    const large = await put(await begin(house), '', { 'content-range': `bytes */${choices.insertBytes + 1}` })
    assert.equal((await refusal(large)).code, 413)
    const announced = await fetch(`${house.base}/upload/gmail/v1/users/me/messages?uploadType=resumable`, {
      method: 'POST',
      headers: { 'x-upload-content-length': String(choices.insertBytes + 1) },
    })
    assert.equal((await refusal(announced)).code, 413)
    assert.equal(house.calls.length, 0)
  })

  it('is a 404 when unknown, expired, or begun for another path', async () => {
    const house = await start()
    const address = await begin(house)
    for (const wrong of [
      `${house.base}/upload/gmail/v1/users/me/messages?uploadType=resumable&upload_id=none`,
      address.replace('/messages?', '/drafts?'),
    ]) {
      assert.equal((await put(wrong, eml)).status, 404)
    }
    house.clock.now = 8 * 24 * 3600 * 1000
    assert.equal((await put(address, eml)).status, 404)
    assert.equal(house.calls.length, 0)
  })

  it('may be finished again after an answer that says: later', async () => {
    const house = await start()
    const address = await begin(house)
    const { answer } = house.method
    house.method.answer = async () => ({ status: 503, headers: {}, body: {} })
    assert.equal((await put(address, content)).status, 503)
    house.method.answer = answer
    const again = await put(address, '', { 'content-range': `bytes */${total}` })
    assert.equal(again.status, 200)
    assert.ok(house.calls[1]?.media?.equals(content))
  })

  it('is one call, too, when two ask for its end at once', async () => {
    const house = await start()
    const address = await begin(house)
    const { answer } = house.method
    const held = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    house.method.answer = async (call) => {
      reached.resolve()
      await held.promise
      return answer(call)
    }
    const first = put(address, content)
    await reached.promise
    const second = put(address, '', { 'content-range': `bytes */${total}` })
    held.resolve()
    const answers = await Promise.all([first, second])
    for (const response of answers) assert.deepEqual(await response.json(), { id: '18c', size: total })
    assert.equal(house.calls.length, 1)
  })
})

it('a GmailError that a Dispatch throws is answered in its envelope', async () => {
  const house = await start()
  house.method.answer = () => Promise.reject(notFound())
  const response = await fetch(`${house.base}/upload/gmail/v1/users/me/messages?uploadType=media`, {
    method: 'POST',
    body: eml,
    headers: rfc822,
  })
  assert.deepEqual(await refusal(response), { code: 404, message: 'Requested entity was not found.' })
})

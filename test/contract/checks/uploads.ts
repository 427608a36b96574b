import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { ApiRequest } from '../api.ts'
import { choice, fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import { expectBadRequest, expectRefusal, idsOf, labelsOf } from '../expect.ts'
import { decodeRaw, encodeRaw, letter } from '../letter.ts'
import type { Draft, Message } from '../resources.ts'

const upload = '/upload/gmail/v1/users/me/messages'
const rfc822 = { 'content-type': 'message/rfc822' }
const chunk = 256 * 1024
const day = 24 * 3600 * 1000

async function rawOf(contract: Contract, id: string): Promise<string> {
  const { raw } = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'raw' } })
  return decodeRaw(raw).toString('latin1')
}

async function dateOf(contract: Contract, id: string): Promise<number> {
  const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
  return Number(message.internalDate)
}

/** A multipart/related body as clients write it: JSON, then the message. */
function related(metadata: object, message: Buffer): ApiRequest {
  const boundary = randomBytes(16).toString('hex')
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\ncontent-type: message/rfc822\r\n\r\n`
  return {
    method: 'POST',
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), message, Buffer.from(`\r\n--${boundary}--`)]),
  }
}

/** Begins a resumable upload; the address to put the octets to. */
async function begin(contract: Contract, sizeBytes: number): Promise<string> {
  await contract.mayTidy()
  const { id } = await contract.label()
  const reply = await contract.api.call(upload, {
    method: 'POST',
    query: { uploadType: 'resumable' },
    json: { labelIds: [id] },
    headers: { 'x-upload-content-type': 'message/rfc822', 'x-upload-content-length': String(sizeBytes) },
  })
  assert.equal(reply.status, 200, reply.text)
  return reply.headers.get('location') ?? ''
}

async function put(contract: Contract, address: string, range: string, body: Buffer<ArrayBuffer>) {
  const request = { method: 'PUT', headers: { ...rfc822, 'content-range': range }, body }
  return contract.api.fetch(new URL(address), request, 5)
}

/** How a message gets in: insert and import, as JSON, media, multipart and resumable. */
export const uploads = [
  fact('F§2.5', 'insert takes raw in JSON and answers id, threadId and labelIds', async (contract) => {
    const message = await contract.insert({ labelIds: ['UNREAD'] })
    assert.deepEqual(labelsOf(message), new Set([(await contract.label()).id, 'UNREAD']))
    assert.match(await rawOf(contract, message.id), new RegExp(message.letter.subject))
  }),

  fact('F§2.5', 'insert keeps the Message-ID', async (contract) => {
    const { id, letter: written } = await contract.insert()
    assert.ok((await rawOf(contract, id)).includes(`Message-ID: ${written.messageId}\r\n`))
  }),

  fact('F§6', 'a media upload is the message itself', async (contract) => {
    const written = letter()
    const request = { method: 'POST', query: { uploadType: 'media' }, headers: rfc822, body: written.raw }
    const message = await contract.create(upload, request)
    assert.ok((await rawOf(contract, message.id)).includes(written.subject))
  }),

  choice('F§2.5', 'without labelIds a message is archived and read', async (contract) => {
    const request = { method: 'POST', query: { uploadType: 'media' }, headers: rfc822, body: letter().raw }
    const message = await contract.create(upload, request)
    assert.deepEqual(labelsOf(message), new Set())
  }),

  fact('F§6', 'a multipart upload is JSON with labelIds, and the message', async (contract) => {
    const own = await contract.label()
    const written = letter()
    const request = related({ labelIds: [own.id, 'STARRED'] }, written.raw)
    const message = await contract.create(upload, { ...request, query: { uploadType: 'multipart' } })
    assert.deepEqual(labelsOf(message), new Set([own.id, 'STARRED']))
    assert.ok((await rawOf(contract, message.id)).includes(written.subject))
  }),

  fact(
    'F§6',
    'a resumable upload comes in chunks, 308 and Range after each, and is a message at the end',
    async (contract) => {
      const written = letter({ body: 'A line of a long message that goes up in pieces.\n'.repeat(8000) })
      const total = written.raw.length
      const address = await begin(contract, total)
      const first = await put(
        contract,
        address,
        `bytes 0-${chunk - 1}/${total}`,
        written.raw.subarray(0, chunk),
      )
      assert.deepEqual([first.status, first.headers.get('range')], [308, `bytes=0-${chunk - 1}`])
      const asked = await put(contract, address, `bytes */${total}`, Buffer.alloc(0))
      assert.deepEqual([asked.status, asked.headers.get('range')], [308, `bytes=0-${chunk - 1}`])
      const last = await put(
        contract,
        address,
        `bytes ${chunk}-${total - 1}/${total}`,
        written.raw.subarray(chunk),
      )
      assert.equal(last.status, 200, last.text)
      const message = contract.keep(JSON.parse(last.text) as Message)
      assert.ok(labelsOf(message).has((await contract.label()).id))
      assert.ok((await rawOf(contract, message.id)).includes(written.subject))
    },
  ),

  fact('F§6', 'a resumable upload may come whole', async (contract) => {
    const written = letter()
    const address = await begin(contract, written.raw.length)
    const request = { method: 'PUT', headers: rfc822, body: written.raw }
    const reply = await contract.api.fetch(new URL(address), request, 25)
    assert.equal(reply.status, 200, reply.text)
    contract.keep(JSON.parse(reply.text) as Message)
  }),

  choice('choices.ts', 'a resumable upload shows its token when it begins', async (contract) => {
    const request = {
      method: 'POST',
      query: { uploadType: 'resumable' },
      json: {},
      token: 'ya29.not-a-token',
    }
    expectRefusal(await contract.api.refused(upload, request), 401, 'authError')
  }),

  fact('F§6', 'an unknown upload session is a 404', async (contract) => {
    const address = new URL(await begin(contract, 10))
    address.searchParams.set('upload_id', randomBytes(24).toString('hex'))
    const reply = await put(contract, address.href, 'bytes 0-9/10', Buffer.alloc(10, 'a'))
    assert.equal(reply.status, 404)
  }),

  fact('F§6', 'multipart/related with uploadType=media is a 400 that names the type', async (contract) => {
    const request = related({}, letter().raw)
    const refusal = await contract.api.refused(upload, { ...request, query: { uploadType: 'media' } })
    expectBadRequest(refusal, /^Media type 'multipart\/related; .*' is not supported\./)
  }),

  fact('F§1.4', 'insert without a message is a 400', async (contract) => {
    const refusal = await contract.api.refused('messages', { method: 'POST', json: {} })
    expectBadRequest(
      refusal,
      /'raw' RFC822 payload message string or uploading message via \/upload\/\* URL required/,
    )
  }),

  fact('F§1.4', 'an unknown label at insert is a 400', async (contract) => {
    const json = { raw: encodeRaw(letter().raw), labelIds: ['Label_1234567890'] }
    expectBadRequest(await contract.api.refused('messages', { method: 'POST', json }))
  }),

  fact(
    'F§2.5',
    'insert dates a message by its arrival, or by its Date header when asked',
    async (contract) => {
      const date = Math.floor((Date.now() - 40 * day) / 1000) * 1000
      const before = Date.now() - 60_000
      const { id } = await contract.insert({ date })
      assert.ok((await dateOf(contract, id)) >= before)
      const dated = await contract.insert({ date }, { internalDateSource: 'dateHeader' })
      assert.equal(await dateOf(contract, dated.id), date)
    },
  ),

  fact('F§2.5', 'import dates a message by its Date header', async (contract) => {
    const own = await contract.label()
    const date = Math.floor((Date.now() - 41 * day) / 1000) * 1000
    const json = { raw: encodeRaw(letter({ date }).raw), labelIds: [own.id] }
    const message = await contract.create('messages/import', {
      method: 'POST',
      json,
      query: { neverMarkSpam: true },
    })
    assert.equal(await dateOf(contract, message.id), date)
    assert.ok(labelsOf(await contract.api.get<Message>(`messages/${message.id}`)).has(own.id))
  }),

  fact('F§2.5', 'importing a message again makes no second one and unites the labels', async (contract) => {
    const own = await contract.label()
    const raw = encodeRaw(letter().raw)
    const importing = (labelIds: string[]) =>
      contract.create('messages/import', {
        method: 'POST',
        json: { raw, labelIds },
        query: { neverMarkSpam: true },
      })
    const first = await importing([own.id])
    const again = await importing(['STARRED'])
    assert.equal(again.id, first.id)
    const labels = labelsOf(await contract.api.get<Message>(`messages/${first.id}`))
    assert.ok(labels.has(own.id) && labels.has('STARRED'))
  }),

  fact('F§2.5', 'an inserted message from the account itself gains SENT', async (contract) => {
    const { emailAddress } = await contract.profile()
    const { id } = await contract.insert({ from: emailAddress })
    const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
    assert.ok(labelsOf(message).has('SENT'))
  }),

  fact('F§2.5', 'an inserted message with the label DRAFT is in a draft', async (contract) => {
    const written = letter({ to: 'nobody@example.com' })
    const message = await contract.create('messages', {
      method: 'POST',
      json: { raw: encodeRaw(written.raw), labelIds: ['DRAFT'] },
    })
    const query = { q: `rfc822msgid:${written.messageId}` }
    const { drafts } = await contract.api.eventually(
      () => contract.api.get<{ drafts?: Draft[] }>('drafts', { query }),
      (page) => page.drafts !== undefined,
    )
    for (const draft of drafts ?? []) contract.keepDraft(draft)
    assert.deepEqual(idsOf(drafts?.map((draft) => draft.message)), [message.id])
  }),

  fact('F§1.4', 'a malformed thread id at insert is a 400', async (contract) => {
    const json = { raw: encodeRaw(letter().raw), threadId: 'none' }
    expectBadRequest(await contract.api.refused('messages', { method: 'POST', json }))
  }),

  choice('F§ Not established', 'an unknown thread id at insert is a 404', async (contract) => {
    const json = { raw: encodeRaw(letter().raw), threadId: '7ffffffffffffff1' }
    expectRefusal(await contract.api.refused('messages', { method: 'POST', json }), 404, 'notFound')
  }),
]

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import type { Message } from '../resources.ts'

interface InnerReply {
  contentId: string | undefined
  status: number
  body: string
}

interface InnerRequest {
  line: string
  json?: object
  contentId?: string
}

/** Sends the calls in one batch and reads the answers in their order. */
async function batch(contract: Contract, calls: readonly InnerRequest[], query = {}): Promise<InnerReply[]> {
  const reply = await send(contract, calls, query)
  assert.equal(reply.status, 200, reply.text.slice(0, 300))
  const type = reply.headers.get('content-type') ?? ''
  const boundary = /^multipart\/mixed; *boundary="?([^";]+)"?/i.exec(type)?.[1]
  assert.ok(boundary !== undefined, type)
  // The line end before a boundary is the boundary's own.
  const parts = `\r\n${reply.text}`.split(`\r\n--${boundary}`)
  return parts.slice(1, -1).map((part) => readPart(part.replace(/^[ \t]*\r\n/, '')))
}

function send(contract: Contract, calls: readonly InnerRequest[], query: Record<string, string> = {}) {
  const boundary = randomBytes(12).toString('hex')
  const parts = calls.map(({ line, json, contentId }) => {
    const id = contentId === undefined ? '' : `Content-ID: ${contentId}\r\n`
    const body = json === undefined ? '' : JSON.stringify(json)
    const headers =
      json === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
    return `--${boundary}\r\nContent-Type: application/http\r\n${id}\r\n${line} HTTP/1.1\r\n${headers}\r\n${body}\r\n`
  })
  return contract.api.call('/batch/gmail/v1', {
    method: 'POST',
    query,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--`,
  })
}

/** Part header, inner status line and headers, inner body: each ends with an empty line. */
function readPart(part: string): InnerReply {
  const [head = '', http = '', ...body] = part.split(/\r?\n\r?\n/)
  assert.match(head, /^content-type: *application\/http/im)
  return {
    contentId: /^content-id: *(.*?)\r?$/im.exec(head)?.[1],
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(http)?.[1]),
    body: body.join('\n\n'),
  }
}

const users = '/gmail/v1/users/me'

export const batches = [
  fact(
    'F§6',
    'a batch answers each call in its order, with its status and response-<Content-ID>',
    async (contract) => {
      const { id } = await contract.once('plain', () => contract.insert())
      const [found, missing, labels] = await batch(contract, [
        { line: `GET ${users}/messages/${id}?format=minimal`, contentId: '<first>' },
        { line: `GET ${users}/messages/7ffffffffffffff1`, contentId: '<second>' },
        { line: `GET ${users}/labels` },
      ])
      assert.deepEqual([found?.status, found?.contentId], [200, '<response-first>'])
      assert.equal((JSON.parse(found?.body ?? '') as Message).id, id)
      assert.deepEqual([missing?.status, missing?.contentId], [404, '<response-second>'])
      const { error } = JSON.parse(missing?.body ?? '') as { error: { code: number } }
      assert.equal(error.code, 404)
      assert.equal(labels?.status, 200)
    },
  ),

  fact('F§6', 'calls in a batch may change things', async (contract) => {
    const { id } = await contract.insert()
    const [changed] = await batch(contract, [
      { line: `POST ${users}/messages/${id}/modify`, json: { addLabelIds: ['STARRED'] } },
    ])
    assert.equal(changed?.status, 200)
    const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
    assert.ok(message.labelIds?.includes('STARRED'))
  }),

  fact('F§6', "the batch's own query goes for every call that says nothing else", async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    const path = `GET ${users}/messages/${id}?format=minimal`
    const replies = await batch(contract, [{ line: path }, { line: `${path}&fields=id,threadId` }], {
      fields: 'id',
    })
    assert.deepEqual(
      replies.map(({ body }) => Object.keys(JSON.parse(body) as object).sort()),
      [['id'], ['id', 'threadId']],
    )
  }),

  fact('F§1.3', 'more than a hundred calls are refused together', async (contract) => {
    const calls = Array.from({ length: 101 }, () => ({ line: `GET ${users}/profile` }))
    const reply = await send(contract, calls)
    assert.equal(reply.status, 400)
    assert.match(reply.text, /Inner request count exceeds the limit\. Received: 101, Limit: 100/)
  }),
]

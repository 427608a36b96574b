import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import type { Contract, Inserted } from '../contract.ts'
import { expectBadRequest, partOf } from '../expect.ts'
import { decodeRaw } from '../letter.ts'
import type { Message } from '../resources.ts'

const enclosed = 'From: inner@example.com\nSubject: Inside\nContent-Type: text/plain\n\ninner text\n'
const attachment = Buffer.from(Array.from({ length: 3001 }, (_, at) => (at * 7) % 256))

/** A message with everything: alternatives, an attachment and a message within. */
function rich(contract: Contract): Promise<Inserted> {
  return contract.once('rich', () =>
    contract.insert({
      headers: ['X-Contract: one', 'Content-Type: multipart/mixed; boundary=outer'],
      body: [
        '--outer',
        'Content-Type: multipart/alternative; boundary=inner',
        '',
        '--inner',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Caf=C3=A9 & <tea> =3D good',
        '--inner',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<p>Caf&eacute;</p>',
        '--inner--',
        '',
        '--outer',
        'Content-Type: application/octet-stream; name="data.bin"',
        'Content-Disposition: attachment; filename="data.bin"',
        'Content-Transfer-Encoding: base64',
        '',
        ...(attachment.toString('base64').match(/.{1,76}/g) ?? []),
        '--outer',
        'Content-Type: message/rfc822',
        '',
        enclosed,
        '--outer--',
        '',
      ].join('\n'),
    }),
  )
}

function read(contract: Contract, id: string, query: Record<string, string | string[]>): Promise<Message> {
  return contract.api.get<Message>(`messages/${id}`, { query })
}

const always = ['historyId', 'id', 'internalDate', 'labelIds', 'sizeEstimate', 'snippet', 'threadId']

export const formats = [
  fact('F§2.3', 'format=minimal has everything but the content', async (contract) => {
    const { id } = await rich(contract)
    const message = await read(contract, id, { format: 'minimal' })
    assert.deepEqual(Object.keys(message).sort(), always)
  }),

  fact('F§2.3', 'format=metadata has the headers and no tree of parts', async (contract) => {
    const { id, letter } = await rich(contract)
    const message = await read(contract, id, { format: 'metadata' })
    assert.deepEqual(Object.keys(message).sort(), [...always, 'payload'].sort())
    assert.equal(message.payload?.parts, undefined)
    const subjects = message.payload?.headers?.filter(({ name }) => name.toLowerCase() === 'subject')
    assert.deepEqual(
      subjects?.map(({ value }) => value),
      [letter.subject],
    )
  }),

  fact('F§2.3', 'metadataHeaders, repeated, restricts the headers, whatever their case', async (contract) => {
    const { id } = await rich(contract)
    const query = { format: 'metadata', metadataHeaders: ['subject', 'X-Contract'] }
    const { payload } = await read(contract, id, query)
    assert.deepEqual(payload?.headers?.map(({ name }) => name.toLowerCase()).sort(), [
      'subject',
      'x-contract',
    ])
  }),

  fact('F§2.3', 'format=full, the default, is a tree with part ids "", "0", "0.0"', async (contract) => {
    const { id } = await rich(contract)
    const message = await read(contract, id, {})
    assert.deepEqual(Object.keys(message).sort(), [...always, 'payload'].sort())
    const root = message.payload
    assert.deepEqual([root?.partId, root?.mimeType, root?.filename], ['', 'multipart/mixed', ''])
    assert.deepEqual(root?.body, { size: 0 })
    assert.deepEqual(
      root.parts?.map(({ partId }) => partId),
      ['0', '1', '2'],
    )
    assert.equal(partOf(root, '0.1').mimeType, 'text/html')
  }),

  fact('F§2.3', "a text part's data is what its transfer encoding hid", async (contract) => {
    const { id } = await rich(contract)
    const { body } = partOf((await read(contract, id, {})).payload, '0.0')
    const text = decodeRaw(body?.data)
    assert.equal(text.toString().trimEnd(), 'Café & <tea> = good')
    assert.equal(body?.size, text.length)
  }),

  fact('F§2.3', 'an attachment has an id and a size in the tree, and no data', async (contract) => {
    const { id } = await rich(contract)
    const part = partOf((await read(contract, id, {})).payload, '1')
    assert.equal(part.filename, 'data.bin')
    assert.equal(part.body?.size, attachment.length)
    assert.match(part.body.attachmentId ?? '', /^ANGjdJ/)
    assert.equal(part.body.data, undefined)
  }),

  fact('F§2.3', 'a message within the message is a container in the tree', async (contract) => {
    const { id } = await rich(contract)
    const part = partOf((await read(contract, id, {})).payload, '2')
    assert.equal(part.mimeType, 'message/rfc822')
    assert.ok((part.parts?.length ?? 0) > 0)
  }),

  fact('F§2.4', 'attachments.get gives size and data and nothing else', async (contract) => {
    const { id } = await rich(contract)
    const { body } = partOf((await read(contract, id, {})).payload, '1')
    const found = await contract.api.get<{ size: number; data: string }>(
      `messages/${id}/attachments/${body?.attachmentId ?? ''}`,
    )
    assert.deepEqual(Object.keys(found).sort(), ['data', 'size'])
    assert.equal(found.size, attachment.length)
    assert.ok(decodeRaw(found.data).equals(attachment))
  }),

  fact('F§2.4', 'an attachment id goes on working when the message has been read again', async (contract) => {
    const { id } = await rich(contract)
    const { body } = partOf((await read(contract, id, {})).payload, '1')
    await read(contract, id, {})
    const path = `messages/${id}/attachments/${body?.attachmentId ?? ''}`
    assert.equal((await contract.api.get<{ size: number }>(path)).size, attachment.length)
  }),

  fact(
    'F§2.3',
    'format=raw has raw instead of payload, in base64url, with lines ending in CRLF',
    async (contract) => {
      const { id, letter } = await rich(contract)
      const message = await read(contract, id, { format: 'raw' })
      assert.deepEqual(Object.keys(message).sort(), [...always, 'raw'].sort())
      assert.match(message.raw ?? '', /^[\w-]+={0,2}$/)
      const text = decodeRaw(message.raw).toString('latin1')
      assert.equal(/(?<!\r)\n/.test(text), false)
      assert.ok(text.includes(`Message-ID: ${letter.messageId}\r\n`))
    },
  ),

  fact('F§2.3', 'raw is padded', async (contract) => {
    const { id } = await rich(contract)
    assert.equal(((await read(contract, id, { format: 'raw' })).raw?.length ?? 1) % 4, 0)
  }),

  choice('F§ Not established', 'what was inserted comes back byte for byte', async (contract) => {
    const { id, letter } = await rich(contract)
    assert.ok(decodeRaw((await read(contract, id, { format: 'raw' })).raw).equals(letter.raw))
  }),

  fact('F§2.3', 'the snippet is escaped for HTML', async (contract) => {
    const { id } = await rich(contract)
    const { snippet } = await read(contract, id, { format: 'minimal' })
    assert.match(snippet ?? '', /Café &amp; &lt;tea&gt; = good/)
  }),

  fact('F§1.4', 'another format is a 400', async (contract) => {
    const { id } = await rich(contract)
    expectBadRequest(await contract.api.refused(`messages/${id}`, { query: { format: 'other' } }))
  }),
]

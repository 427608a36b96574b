import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import type { Message, MessagePage, Profile } from '../resources.ts'

/** Partial responses, compression and the parameters of all methods. */
export const partial = [
  fact('F§6', 'fields selects by name, path, parentheses and star', async (contract) => {
    const { id, letter } = await contract.once('plain', () => contract.insert())
    const read = (fields: string) => contract.api.get<Message>(`messages/${id}`, { query: { fields } })
    assert.deepEqual(await read('id'), { id })
    assert.deepEqual(Object.keys(await read('id,threadId,payload/mimeType')).sort(), [
      'id',
      'payload',
      'threadId',
    ])
    const { payload } = await read('payload(partId,headers(name,value))')
    assert.deepEqual(Object.keys(payload ?? {}).sort(), ['headers', 'partId'])
    assert.ok(payload?.headers?.some(({ value }) => value === letter.subject))
    assert.deepEqual(Object.keys((await read('payload/headers/name')).payload?.headers?.[0] ?? {}), ['name'])
    assert.ok('snippet' in (await read('*')))
  }),

  fact('F§6', 'fields selects from each entry of a list', async (contract) => {
    const { id: labelIds } = await contract.label()
    await contract.once('plain', () => contract.insert())
    const query = { labelIds, fields: 'messages/id' }
    const page = await contract.api.get<MessagePage>('messages', { query })
    assert.deepEqual(Object.keys(page), ['messages'])
    for (const message of page.messages ?? []) assert.deepEqual(Object.keys(message), ['id'])
  }),

  fact('F§6', 'a malformed selector is a 400', async (contract) => {
    const refusal = await contract.api.refused('profile', { query: { fields: 'emailAddress(' } })
    assert.equal(refusal.status, 400)
    assert.match(refusal.message, /Invalid field selection/)
  }),

  choice('F§6', 'a name that no resource has is a 400, and nothing is done', async (contract) => {
    const { id } = await contract.insert()
    const refusal = await contract.api.refused(`messages/${id}/modify`, {
      method: 'POST',
      query: { fields: 'id,nosuch' },
      json: { addLabelIds: ['STARRED'] },
    })
    assert.equal(refusal.status, 400)
    assert.match(refusal.message, /Invalid field selection nosuch/)
    const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
    assert.equal(message.labelIds?.includes('STARRED'), false)
  }),

  fact('F§6', 'an answer is packed for whoever accepts gzip and says so in User-Agent', async (contract) => {
    const headers = { 'accept-encoding': 'gzip', 'user-agent': 'postern-contract (gzip)' }
    const packed = await contract.api.call('labels', { headers })
    assert.equal(packed.headers.get('content-encoding'), 'gzip')
    const plain = await contract.api.call('labels', {
      headers: { ...headers, 'accept-encoding': 'identity' },
    })
    assert.equal(plain.headers.get('content-encoding'), null)
    assert.deepEqual(JSON.parse(packed.text), JSON.parse(plain.text))
  }),

  fact('F§6', 'without gzip in User-Agent an answer is not packed', async (contract) => {
    const headers = { 'accept-encoding': 'gzip', 'user-agent': 'postern-contract' }
    const reply = await contract.api.call('labels', { headers })
    assert.equal(reply.headers.get('content-encoding'), null)
    assert.ok(Array.isArray((JSON.parse(reply.text) as { labels: unknown }).labels))
  }),

  fact('F§6', 'answers are laid out in lines unless prettyPrint is false', async (contract) => {
    const pretty = await contract.api.call('profile')
    assert.match(pretty.text, /\n/)
    const plain = await contract.api.call('profile', { query: { prettyPrint: false } })
    assert.equal(plain.text.trim().includes('\n'), false)
  }),

  fact('F§6', 'alt=json and quotaUser are taken by every method', async (contract) => {
    const query = { alt: 'json', quotaUser: 'contract' }
    assert.match((await contract.api.get<Profile>('profile', { query })).emailAddress, /@/)
  }),

  choice('choices.ts', 'alt=media is refused', async (contract) => {
    const reply = await contract.api.call('profile', { query: { alt: 'media' } })
    assert.equal(reply.status, 400)
  }),
]

import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import { expectBadRequest, expectRefusal, labelsOf } from '../expect.ts'
import type { Message } from '../resources.ts'

function minimal(contract: Contract, id: string): Promise<Message> {
  return contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
}

function refusedModify(contract: Contract, id: string, json: object) {
  return contract.api.refused(`messages/${id}/modify`, { method: 'POST', json })
}

/** Labels on messages; trash and the end. */
export const changes = [
  fact('F§2.7', 'modify adds and removes labels and answers with the message', async (contract) => {
    const { id, threadId } = await contract.insert({ labelIds: ['UNREAD'] })
    const own = await contract.label()
    const body = { addLabelIds: ['STARRED'], removeLabelIds: ['UNREAD'] }
    const message = await contract.api.post<Message>(`messages/${id}/modify`, body)
    assert.deepEqual([message.id, message.threadId], [id, threadId])
    assert.deepEqual(labelsOf(message), new Set([own.id, 'STARRED']))
    assert.deepEqual(labelsOf(await minimal(contract, id)), new Set([own.id, 'STARRED']))
  }),

  fact('F§2.3', 'after a modify only labels and history id have changed', async (contract) => {
    const { id } = await contract.insert()
    const before = await contract.api.get<Message>(`messages/${id}`)
    await contract.api.post(`messages/${id}/modify`, { addLabelIds: ['IMPORTANT'] })
    const after = await contract.api.get<Message>(`messages/${id}`)
    assert.ok(BigInt(after.historyId ?? 0) > BigInt(before.historyId ?? 0))
    assert.deepEqual({ ...after, labelIds: [], historyId: '' }, { ...before, labelIds: [], historyId: '' })
  }),

  fact('F§1.4', 'a modify that says nothing is a 400', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    expectBadRequest(await refusedModify(contract, id, {}), 'No label add or removes specified')
  }),

  fact('F§1.4', 'modify with an unknown label is a 400 that names it', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    const refusal = await refusedModify(contract, id, { addLabelIds: ['Label_987654321012'] })
    expectBadRequest(refusal, /Label_987654321012/)
  }),

  fact('F§2.7', 'SENT and DRAFT cannot be put on a message', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    for (const label of ['SENT', 'DRAFT']) {
      expectBadRequest(await refusedModify(contract, id, { addLabelIds: [label] }), `Invalid label: ${label}`)
    }
  }),

  fact('F§2.7', 'a label cannot be added and removed at once', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    const body = { addLabelIds: ['STARRED'], removeLabelIds: ['STARRED'] }
    expectBadRequest(await refusedModify(contract, id, body))
  }),

  fact('F§2.7', 'no two of INBOX, SPAM and TRASH can be added at once', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    expectBadRequest(await refusedModify(contract, id, { addLabelIds: ['SPAM', 'TRASH'] }))
  }),

  fact('F§1.4', 'modify of an unknown message is a 404', async (contract) => {
    await contract.label()
    const refusal = await refusedModify(contract, '7ffffffffffffff1', { addLabelIds: ['STARRED'] })
    expectRefusal(refusal, 404, 'notFound')
  }),

  fact('F§2.7', 'batchModify changes many messages and answers without content', async (contract) => {
    const messages = [await contract.insert({ labelIds: ['UNREAD'] }), await contract.insert()]
    const json = { ids: messages.map(({ id }) => id), addLabelIds: ['STARRED'], removeLabelIds: ['UNREAD'] }
    await contract.api.done('messages/batchModify', { method: 'POST', json })
    for (const { id } of messages) {
      const labels = labelsOf(await minimal(contract, id))
      assert.ok(labels.has('STARRED') && !labels.has('UNREAD'))
    }
  }),

  choice(
    'F§ Not established',
    'batchModify answers 204 and passes over ids that do not exist',
    async (contract) => {
      const { id } = await contract.insert()
      const json = { ids: ['7ffffffffffffff1', id], addLabelIds: ['STARRED'] }
      const reply = await contract.api.done('messages/batchModify', { method: 'POST', json })
      assert.equal(reply.status, 204)
      assert.ok(labelsOf(await minimal(contract, id)).has('STARRED'))
    },
  ),

  choice('F§1.3', 'batchModify takes no more than 1,000 ids', async (contract) => {
    const { id } = await contract.once('plain', () => contract.insert())
    const json = { ids: Array.from({ length: 1001 }, () => id), addLabelIds: ['STARRED'] }
    expectBadRequest(await contract.api.refused('messages/batchModify', { method: 'POST', json }))
  }),

  fact('F§2.7', 'trash adds TRASH and untrash takes it away', async (contract) => {
    const { id } = await contract.insert()
    const trashed = await contract.api.get<Message>(`messages/${id}/trash`, { method: 'POST' })
    assert.ok(labelsOf(trashed).has('TRASH'))
    assert.ok(labelsOf(await minimal(contract, id)).has('TRASH'))
    await contract.api.get<Message>(`messages/${id}/untrash`, { method: 'POST' })
    assert.equal(labelsOf(await minimal(contract, id)).has('TRASH'), false)
  }),

  choice('F§ Not established', 'user labels and UNREAD outlive trash and untrash', async (contract) => {
    const { id } = await contract.insert({ labelIds: ['UNREAD'] })
    const before = labelsOf(await minimal(contract, id))
    await contract.api.get(`messages/${id}/trash`, { method: 'POST' })
    assert.deepEqual(labelsOf(await minimal(contract, id)), new Set([...before, 'TRASH']))
    await contract.api.get(`messages/${id}/untrash`, { method: 'POST' })
    assert.deepEqual(labelsOf(await minimal(contract, id)), before)
  }),

  fact('F§2.7', 'delete is for ever: no content, then a 404', async (contract) => {
    const { id } = await contract.insert()
    await contract.api.done(`messages/${id}`, { method: 'DELETE' })
    expectRefusal(
      await contract.api.refused(`messages/${id}`),
      404,
      'notFound',
      'Requested entity was not found.',
    )
  }),

  fact('F§2.7', 'batchDelete deletes many and does not mind what never was', async (contract) => {
    const messages = [await contract.insert(), await contract.insert()]
    const json = { ids: [...messages.map(({ id }) => id), '7ffffffffffffff1'] }
    await contract.api.done('messages/batchDelete', { method: 'POST', json })
    for (const { id } of messages)
      expectRefusal(await contract.api.refused(`messages/${id}`), 404, 'notFound')
  }),
]

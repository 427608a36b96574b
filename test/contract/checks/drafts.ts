import assert from 'node:assert/strict'
import { fact } from '../check.ts'
import { expectBadRequest, expectRefusal, hexId } from '../expect.ts'
import { decodeRaw, encodeRaw, letter } from '../letter.ts'
import type { Draft, Message } from '../resources.ts'

/** Drafts: an id that stays, around a message that does not. */
export const drafts = [
  fact(
    'F§2.8',
    'a new draft has an id like r123 and a message with the label DRAFT alone',
    async (contract) => {
      const draft = await contract.newDraft()
      assert.match(draft.id, /^r-?\d+$/)
      assert.match(draft.message.id, hexId)
      assert.deepEqual(draft.message.labelIds, ['DRAFT'])
    },
  ),

  fact('F§2.8', 'an update keeps the draft id and changes the message id', async (contract) => {
    const draft = await contract.newDraft()
    const written = letter()
    const json = { message: { raw: encodeRaw(written.raw) } }
    const updated = await contract.api.get<Draft>(`drafts/${draft.id}`, { method: 'PUT', json })
    assert.equal(updated.id, draft.id)
    assert.notEqual(updated.message.id, draft.message.id)
    expectRefusal(await contract.api.refused(`messages/${draft.message.id}`), 404, 'notFound')
    const read = await contract.api.get<Draft>(`drafts/${draft.id}`, { query: { format: 'raw' } })
    assert.equal(read.message.id, updated.message.id)
    assert.ok(decodeRaw(read.message.raw).includes(written.subject))
  }),

  fact('F§2.3', 'drafts.get has four formats; full is the default', async (contract) => {
    const { id } = await contract.once('draft', () => contract.newDraft())
    const full = await contract.api.get<Draft>(`drafts/${id}`)
    assert.equal(full.message.payload?.mimeType, 'text/plain')
    const minimal = await contract.api.get<Draft>(`drafts/${id}`, { query: { format: 'minimal' } })
    assert.equal('payload' in minimal.message || 'raw' in minimal.message, false)
    const metadata = await contract.api.get<Draft>(`drafts/${id}`, { query: { format: 'metadata' } })
    assert.ok((metadata.message.payload?.headers?.length ?? 0) > 0)
  }),

  fact('F§2.8', 'drafts.list finds a draft by its Message-ID and tells the ids alone', async (contract) => {
    const draft = await contract.once('draft', () => contract.newDraft())
    const query = { q: `rfc822msgid:${draft.letter.messageId}` }
    const page = await contract.api.eventually(
      () => contract.api.get<{ drafts?: Draft[] }>('drafts', { query }),
      (one) => one.drafts !== undefined,
    )
    const { id, threadId } = draft.message
    assert.deepEqual(page.drafts, [{ id: draft.id, message: { id, threadId } }])
  }),

  fact('F§2.8', 'deleting a draft answers 204, and its message is gone for ever', async (contract) => {
    const draft = await contract.newDraft()
    const reply = await contract.api.done(`drafts/${draft.id}`, { method: 'DELETE' })
    assert.equal(reply.status, 204)
    expectRefusal(await contract.api.refused(`drafts/${draft.id}`), 404, 'notFound')
    expectRefusal(await contract.api.refused(`messages/${draft.message.id}`), 404, 'notFound')
  }),

  fact('F§2.7', 'labels cannot be put on drafts', async (contract) => {
    const { message } = await contract.once('draft', () => contract.newDraft())
    const json = { addLabelIds: [(await contract.label()).id] }
    expectBadRequest(await contract.api.refused(`messages/${message.id}/modify`, { method: 'POST', json }))
  }),

  fact('F§6', 'a draft can be a media upload', async (contract) => {
    const written = letter()
    const draft = await contract.api.get<Draft>('/upload/gmail/v1/users/me/drafts', {
      method: 'POST',
      query: { uploadType: 'media' },
      headers: { 'content-type': 'message/rfc822' },
      body: written.raw,
    })
    contract.keepDraft(draft)
    const read = await contract.api.get<Draft>(`drafts/${draft.id}`, { query: { format: 'raw' } })
    assert.ok(decodeRaw(read.message.raw).includes(written.subject))
  }),

  fact('F§2.2', "a draft's message is a message like others", async (contract) => {
    const { message } = await contract.once('draft', () => contract.newDraft())
    const read = await contract.api.get<Message>(`messages/${message.id}`, { query: { format: 'minimal' } })
    assert.deepEqual(read.labelIds, ['DRAFT'])
  }),
]

import assert from 'node:assert/strict'
import { fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import { expectBadRequest, expectRefusal, idsOf, labelsOf } from '../expect.ts'
import type { Message, MessagePage, Thread } from '../resources.ts'

/** A question and its answer. */
async function conversation(contract: Contract): Promise<{ threadId: string; ids: string[] }> {
  const question = await contract.insert()
  const { messageId, subject } = question.letter
  const answer = await contract.insert({ subject: `Re: ${subject}`, references: messageId })
  assert.equal(answer.threadId, question.threadId)
  return { threadId: question.threadId, ids: [question.id, answer.id] }
}

export const threads = [
  fact('F§2.5', 'References and the same subject put a message into the thread', async (contract) => {
    await conversation(contract)
  }),

  fact('F§2.5', 'another subject is another thread', async (contract) => {
    const { threadId, letter } = await contract.insert()
    const other = await contract.insert({ references: letter.messageId })
    assert.notEqual(other.threadId, threadId)
  }),

  fact('F§2.5', 'threadId with References and subject keeps a message in its thread', async (contract) => {
    const { threadId, letter } = await contract.insert()
    const answer = await contract.insert({
      subject: `Re: ${letter.subject}`,
      references: letter.messageId,
      threadId,
    })
    assert.equal(answer.threadId, threadId)
  }),

  fact(
    'F§2.3',
    'threads.get has the messages in order, in the format that is asked for',
    async (contract) => {
      const { threadId, ids } = await conversation(contract)
      const full = await contract.api.get<Thread>(`threads/${threadId}`)
      assert.deepEqual([full.id, idsOf(full.messages)], [threadId, ids])
      assert.ok(full.messages?.every(({ payload }) => payload?.body?.data !== undefined))
      const minimal = await contract.api.get<Thread>(`threads/${threadId}`, { query: { format: 'minimal' } })
      assert.equal(
        minimal.messages?.some(({ payload }) => payload !== undefined),
        false,
      )
    },
  ),

  fact('F§2.3', 'threads.get has no format raw', async (contract) => {
    const { threadId } = await contract.insert()
    expectBadRequest(await contract.api.refused(`threads/${threadId}`, { query: { format: 'raw' } }))
  }),

  fact(
    'F§2.7',
    'threads.modify labels the messages that are there, not those that come',
    async (contract) => {
      const { threadId, ids } = await conversation(contract)
      await contract.api.post<Thread>(`threads/${threadId}/modify`, { addLabelIds: ['STARRED'] })
      const read = await contract.api.get<Thread>(`threads/${threadId}`, { query: { format: 'minimal' } })
      assert.deepEqual(idsOf(read.messages), ids)
      assert.ok(read.messages?.every((message) => labelsOf(message).has('STARRED')))
      const first = await contract.api.get<Message>(`messages/${ids[0] ?? ''}`)
      const header = (name: string) =>
        first.payload?.headers?.find((one) => one.name.toLowerCase() === name)?.value ?? ''
      const late = await contract.insert({ subject: header('subject'), references: header('message-id') })
      assert.equal(late.threadId, threadId)
      assert.equal(labelsOf(late).has('STARRED'), false)
    },
  ),

  fact(
    'F§2.7',
    'threads.trash takes the whole thread, and untrash gives its labels back',
    async (contract) => {
      const { threadId, ids } = await conversation(contract)
      const labels = async () => {
        const { messages } = await contract.api.get<Thread>(`threads/${threadId}`, {
          query: { format: 'minimal' },
        })
        return (messages ?? []).map(labelsOf)
      }
      const before = await labels()
      await contract.api.get(`threads/${threadId}/trash`, { method: 'POST' })
      assert.ok((await labels()).every((one) => one.has('TRASH')))
      await contract.api.get(`threads/${threadId}/untrash`, { method: 'POST' })
      assert.deepEqual(await labels(), before)
      assert.equal(before.length, ids.length)
    },
  ),

  fact('F§2.2', 'q finds a message, threads.list its whole thread', async (contract) => {
    const { threadId, ids } = await conversation(contract)
    const { id: labelIds } = await contract.label()
    const second = await contract.api.get<Message>(`messages/${ids[1] ?? ''}`)
    const own = second.payload?.headers?.find(({ name }) => name.toLowerCase() === 'message-id')?.value ?? ''
    const query = { labelIds, q: `rfc822msgid:${own}` }
    const page = await contract.api.eventually(
      () => contract.api.get<{ threads?: Thread[] }>('threads', { query }),
      (one) => one.threads !== undefined,
    )
    assert.deepEqual(idsOf(page.threads), [threadId])
    const messages = await contract.api.get<MessagePage>('messages', { query })
    assert.deepEqual(idsOf(messages.messages), [ids[1]])
  }),

  fact('F§2.7', 'threads.delete is for ever', async (contract) => {
    const { threadId, ids } = await conversation(contract)
    await contract.api.done(`threads/${threadId}`, { method: 'DELETE' })
    expectRefusal(await contract.api.refused(`threads/${threadId}`), 404, 'notFound')
    expectRefusal(await contract.api.refused(`messages/${ids[0] ?? ''}`), 404, 'notFound')
  }),

  fact('F§1.4', 'an unknown thread is a 404', async (contract) => {
    expectRefusal(await contract.api.refused('threads/7ffffffffffffff1'), 404, 'notFound')
  }),
]

import assert from 'node:assert/strict'
import { fact } from '../check.ts'
import { decimal, expectText, hexId } from '../expect.ts'
import type { HistoryPage, Label, Message, MessagePage, Profile, Thread } from '../resources.ts'

/** What is a string, what is a number, and what is not there at all. */
export const shapes = [
  fact(
    'F§2.11',
    'getProfile tells the address, two counts as numbers and the history id as a string',
    async (contract) => {
      const profile = await contract.api.get<Profile>('profile')
      expectText('emailAddress of the profile', profile.emailAddress, /@/)
      assert.equal(typeof profile.messagesTotal, 'number')
      assert.equal(typeof profile.threadsTotal, 'number')
      expectText('historyId of the profile', profile.historyId, decimal)
    },
  ),

  fact(
    'F§2.1',
    'a message has its date and history id as decimal strings and its size as a number',
    async (contract) => {
      const { id } = await contract.once('plain', () => contract.insert())
      const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
      expectText('internalDate of the message', message.internalDate, decimal)
      expectText('historyId of the message', message.historyId, decimal)
      assert.equal(typeof message.sizeEstimate, 'number')
      assert.equal(typeof message.snippet, 'string')
    },
  ),

  fact(
    'F§3',
    'ids are lower-case hexadecimal without padding, and a thread has the id of its first message',
    async (contract) => {
      const { id, threadId } = await contract.once('plain', () => contract.insert())
      expectText('id of the message', id, hexId)
      assert.equal(threadId, id)
    },
  ),

  fact('F§2.9', 'labels.list gives id, name and type of each label and counts of none', async (contract) => {
    const { labels } = await contract.api.get<{ labels: Label[] }>('labels')
    for (const label of labels) {
      expectText(`type of the label ${label.id}`, label.type, /^(system|user)$/)
      assert.equal(typeof label.name, 'string')
      assert.equal('messagesTotal' in label || 'threadsUnread' in label, false, label.id)
    }
    for (const id of ['INBOX', 'SENT', 'DRAFT', 'TRASH', 'SPAM', 'STARRED', 'UNREAD', 'IMPORTANT']) {
      const label = labels.find((one) => one.id === id)
      assert.deepEqual([label?.name, label?.type], [id, 'system'])
    }
  }),

  fact('F§2.9', 'labels.get counts messages and threads, in numbers', async (contract) => {
    const own = await contract.newLabel('-counted')
    const first = await contract.insert({ labelIds: [own.id, 'UNREAD'] })
    await contract.insert({ labelIds: [own.id] })
    const label = await contract.api.eventually(
      () => contract.api.get<Label>(`labels/${own.id}`),
      ({ messagesTotal }) => messagesTotal === 2,
    )
    assert.deepEqual(
      [label.messagesTotal, label.messagesUnread, label.threadsTotal, label.threadsUnread],
      [2, 1, 2, 1],
    )
    assert.ok(first.id)
  }),

  fact('F§6', 'an empty list has no key for its entries and no nextPageToken', async (contract) => {
    const { id } = await contract.once('empty label', () => contract.newLabel('-empty'))
    const query = { labelIds: id }
    const messages = await contract.api.get<MessagePage>('messages', { query })
    assert.equal('messages' in messages || 'nextPageToken' in messages, false)
    assert.equal(messages.resultSizeEstimate, 0)
    const threads = await contract.api.get<{ threads?: Thread[] }>('threads', { query })
    assert.equal('threads' in threads, false)
    const drafts = await contract.api.get<object>('drafts', { query: { q: 'in:anywhere -in:anywhere' } })
    assert.equal('drafts' in drafts, false)
  }),

  fact('F§2.10', 'history without news is the history id alone', async (contract) => {
    const { id: labelId } = await contract.once('empty label', () => contract.newLabel('-empty'))
    const query = { startHistoryId: await contract.historyId(), labelId }
    const page = await contract.api.get<HistoryPage>('history', { query })
    assert.deepEqual(Object.keys(page), ['historyId'])
    expectText('historyId of the page', page.historyId, decimal)
  }),

  fact('F§2.3', 'a message without labels has no labelIds', async (contract) => {
    const { id } = await contract.insert()
    const own = await contract.label()
    await contract.api.post(`messages/${id}/modify`, { removeLabelIds: [own.id] })
    const message = await contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
    assert.equal('labelIds' in message, false)
  }),

  fact('F§6', 'answers are JSON in UTF-8', async (contract) => {
    const reply = await contract.api.call('labels')
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json; charset=utf-8$/i)
  }),
]

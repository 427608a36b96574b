import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import type { Contract } from '../contract.ts'
import { hexId, idsOf } from '../expect.ts'
import type { Label, MessagePage, Thread } from '../resources.ts'

const day = 24 * 3600 * 1000

interface Shelf {
  label: Label
  /** The messages' ids, newest first. */
  ids: string[]
}

/** Five messages of five days in a label of their own, inserted out of order. */
function shelf(contract: Contract): Promise<Shelf> {
  return contract.once('shelf', async () => {
    const label = await contract.newLabel('-shelf')
    const ids: string[] = []
    for (const age of [3, 1, 5, 2, 4]) {
      const date = Date.now() - age * day
      const { id } = await contract.insert(
        { labelIds: age % 2 === 0 ? [label.id, 'STARRED'] : [label.id], date },
        { internalDateSource: 'dateHeader' },
      )
      ids[age - 1] = id
    }
    return { label, ids }
  })
}

function starredOf(ids: readonly string[]): string[] {
  return ids.filter((_, at) => at === 1 || at === 3).sort()
}

async function pages(contract: Contract, query: Record<string, string | number>): Promise<MessagePage[]> {
  const found: MessagePage[] = []
  let next: string | undefined
  do {
    const page = await contract.api.get<MessagePage>('messages', {
      query: next === undefined ? query : { ...query, pageToken: next },
    })
    found.push(page)
    next = page.nextPageToken
  } while (next !== undefined && found.length < 20)
  return found
}

/** Lists, pages and labels. */
export const listing = [
  fact('F§2.2', 'messages.list tells id and threadId of each message and no more', async (contract) => {
    const { label } = await shelf(contract)
    const { messages } = await contract.api.get<MessagePage>('messages', { query: { labelIds: label.id } })
    assert.equal(messages?.length, 5)
    for (const message of messages) {
      assert.deepEqual(Object.keys(message).sort(), ['id', 'threadId'])
      assert.match(message.id, hexId)
    }
  }),

  fact('F§2.2', 'messages.list is newest first by internal date', async (contract) => {
    const { label, ids } = await shelf(contract)
    const page = await contract.api.get<MessagePage>('messages', { query: { labelIds: label.id } })
    assert.deepEqual(idsOf(page.messages), ids)
  }),

  fact(
    'F§2.2',
    'pages of two hold every message once, and the last has no nextPageToken',
    async (contract) => {
      const { label, ids } = await shelf(contract)
      const all = await pages(contract, { labelIds: label.id, maxResults: 2 })
      assert.deepEqual(all.flatMap((page) => idsOf(page.messages)).sort(), [...ids].sort())
      for (const page of all) {
        assert.ok((page.messages?.length ?? 0) <= 2)
        assert.equal(typeof page.resultSizeEstimate, 'number')
      }
    },
  ),

  fact('F§2.2', 'a message must carry all labelIds that are asked for', async (contract) => {
    const { label, ids } = await shelf(contract)
    const query = { labelIds: [label.id, 'STARRED'] }
    const page = await contract.api.get<MessagePage>('messages', { query })
    assert.deepEqual(idsOf(page.messages).sort(), starredOf(ids))
  }),

  fact('F§2.2', 'labelIds and q are both asked for', async (contract) => {
    const { label, ids } = await shelf(contract)
    const read = () =>
      contract.api.get<MessagePage>('messages', { query: { labelIds: label.id, q: 'is:starred' } })
    const page = await contract.api.eventually(read, ({ messages }) => messages?.length === 2)
    assert.deepEqual(idsOf(page.messages).sort(), starredOf(ids))
  }),

  fact('F§2.2', 'what is in the trash is listed only with includeSpamTrash', async (contract) => {
    const label = await contract.newLabel('-bin')
    const { id } = await contract.insert({ labelIds: [label.id] })
    await contract.api.post(`messages/${id}/modify`, { addLabelIds: ['TRASH'] })
    const query = { labelIds: label.id }
    const read = () => contract.api.get<MessagePage>('messages', { query })
    const without = await contract.api.eventually(read, ({ messages }) => messages === undefined)
    assert.deepEqual(idsOf(without.messages), [])
    const all = await contract.api.get<MessagePage>('messages', {
      query: { ...query, includeSpamTrash: true },
    })
    assert.deepEqual(idsOf(all.messages), [id])
  }),

  choice('F§ Not established', 'labelIds=TRASH needs no includeSpamTrash', async (contract) => {
    const label = await contract.newLabel('-bin-alone')
    const { id } = await contract.insert({ labelIds: [label.id] })
    await contract.api.post(`messages/${id}/modify`, { addLabelIds: ['TRASH'] })
    const query = { labelIds: [label.id, 'TRASH'] }
    const page = await contract.api.get<MessagePage>('messages', { query })
    assert.deepEqual(idsOf(page.messages), [id])
  }),

  fact('F§2.2', 'threads.list tells id, snippet and history id of each thread', async (contract) => {
    const { label } = await shelf(contract)
    const { threads } = await contract.api.get<{ threads?: Thread[] }>('threads', {
      query: { labelIds: label.id },
    })
    assert.equal(threads?.length, 5)
    for (const thread of threads) assert.deepEqual(Object.keys(thread).sort(), ['historyId', 'id', 'snippet'])
  }),
]

import assert from 'node:assert/strict'
import { fact, type Check } from '../check.ts'
import type { Contract } from '../contract.ts'
import { decimal, expectBadRequest, expectRefusal, hexId, labelsOf } from '../expect.ts'
import { encodeRaw, letter } from '../letter.ts'
import type { Draft, HistoryPage, HistoryRecord, Label } from '../resources.ts'

type Query = Record<string, string | number | string[]>

/** All records since, whatever the pages. */
async function since(contract: Contract, start: string, query: Query = {}): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = []
  let pageToken: string | undefined
  do {
    const page: HistoryPage = await contract.api.get<HistoryPage>('history', {
      query: { startHistoryId: start, ...query, ...(pageToken === undefined ? {} : { pageToken }) },
    })
    records.push(...(page.history ?? []))
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return records
}

/** The records about these messages; other things may happen in the mailbox meanwhile. */
function about(records: readonly HistoryRecord[], ...ids: string[]): HistoryRecord[] {
  return records.filter(({ messages }) => messages?.some(({ id }) => ids.includes(id)))
}

async function news(
  contract: Contract,
  start: string,
  ids: readonly string[],
  awaited: (records: readonly HistoryRecord[]) => boolean,
  query: Query = {},
): Promise<HistoryRecord[]> {
  return contract.api.eventually(async () => about(await since(contract, start, query), ...ids), awaited)
}

export const history: readonly Check[] = [
  fact('F§2.10', 'an insert is a messagesAdded, with the message in messages too', async (contract) => {
    await contract.label()
    const start = await contract.historyId()
    const { id, threadId } = await contract.insert()
    const records = await news(contract, start, [id], (all) => all.some(({ messagesAdded }) => messagesAdded))
    const record = records.find(({ messagesAdded }) => messagesAdded !== undefined)
    const message = record?.messagesAdded?.find((one) => one.message.id === id)?.message
    assert.equal(message?.threadId, threadId)
    assert.match(record?.id ?? '', decimal)
    assert.match(message.id, hexId)
    assert.ok(BigInt(record?.id ?? 0) > BigInt(start))
  }),

  fact(
    'F§2.10',
    'a modify is labelsAdded and labelsRemoved, with the labels that changed',
    async (contract) => {
      const { id } = await contract.insert({ labelIds: ['UNREAD'] })
      const start = await contract.historyId()
      await contract.api.post(`messages/${id}/modify`, {
        addLabelIds: ['STARRED'],
        removeLabelIds: ['UNREAD'],
      })
      const records = await news(
        contract,
        start,
        [id],
        (all) => all.some(({ labelsAdded }) => labelsAdded) && all.some(({ labelsRemoved }) => labelsRemoved),
      )
      assert.deepEqual(
        records.flatMap(({ labelsAdded }) => labelsAdded ?? []).flatMap((one) => one.labelIds),
        ['STARRED'],
      )
      assert.deepEqual(
        records.flatMap(({ labelsRemoved }) => labelsRemoved ?? []).flatMap((one) => one.labelIds),
        ['UNREAD'],
      )
    },
  ),

  fact('F§2.10', 'trashing is a label TRASH added, not a deletion', async (contract) => {
    const { id } = await contract.insert()
    const start = await contract.historyId()
    await contract.api.get(`messages/${id}/trash`, { method: 'POST' })
    const records = await news(contract, start, [id], (all) => all.length > 0)
    assert.ok(
      records.flatMap(({ labelsAdded }) => labelsAdded ?? []).some((one) => one.labelIds.includes('TRASH')),
    )
    assert.equal(
      records.some(({ messagesDeleted }) => messagesDeleted !== undefined),
      false,
    )
  }),

  fact('F§2.10', 'a deletion for ever is a messagesDeleted', async (contract) => {
    const { id } = await contract.insert()
    const start = await contract.historyId()
    await contract.api.done(`messages/${id}`, { method: 'DELETE' })
    const records = await news(contract, start, [id], (all) => all.length > 0)
    const deleted = records.flatMap(({ messagesDeleted }) => messagesDeleted ?? [])
    assert.deepEqual(
      deleted.map(({ message }) => message.id),
      [id],
    )
  }),

  fact(
    'F§2.10',
    'records ascend, start after startHistoryId, and the page tells the present',
    async (contract) => {
      const start = await contract.historyId()
      for (let count = 0; count < 3; count += 1) await contract.insert()
      const page = await contract.api.get<HistoryPage>('history', { query: { startHistoryId: start } })
      const ids = (page.history ?? []).map(({ id }) => BigInt(id))
      assert.deepEqual(
        ids,
        [...ids].sort((a, b) => (a < b ? -1 : 1)),
      )
      for (const id of ids) assert.ok(id > BigInt(start) && id <= BigInt(page.historyId))
      const [first] = ids
      const later = await since(contract, String(first))
      assert.equal(
        later.some(({ id }) => BigInt(id) <= (first ?? 0n)),
        false,
      )
    },
  ),

  fact('F§2.10', 'pages of one hold every record', async (contract) => {
    const start = await contract.historyId()
    const made = [await contract.insert(), await contract.insert()].map(({ id }) => id)
    const records = await news(contract, start, made, (all) => all.length >= 2, { maxResults: 1 })
    const added = records.flatMap(({ messagesAdded }) => messagesAdded ?? []).map(({ message }) => message.id)
    assert.deepEqual(
      added.filter((id) => made.includes(id)),
      made,
    )
  }),

  fact('F§2.10', 'historyTypes, repeated, and labelId choose among the records', async (contract) => {
    const label = await contract.newLabel('-chosen')
    const start = await contract.historyId()
    const [chosen, other] = [await contract.insert({ labelIds: [label.id] }), await contract.insert()]
    await contract.api.post(`messages/${chosen.id}/modify`, { addLabelIds: ['STARRED'] })
    const ids = [chosen.id, other.id]
    const types = { historyTypes: ['labelAdded', 'labelRemoved'] }
    const starred = await news(contract, start, ids, (all) => all.length > 0, types)
    assert.equal(
      starred.some(({ messagesAdded }) => messagesAdded !== undefined),
      false,
    )
    assert.ok(starred.some(({ labelsAdded }) => labelsAdded !== undefined))
    const labelled = await news(contract, start, ids, (all) => all.length > 0, { labelId: label.id })
    assert.equal(about(labelled, other.id).length, 0)
    assert.ok(labelled.some(({ messagesAdded }) => messagesAdded !== undefined))
  }),

  fact('F§2.10', "a record's message tells its labels", async (contract) => {
    const own = await contract.label()
    const start = await contract.historyId()
    const { id } = await contract.insert({ labelIds: ['UNREAD'] })
    const records = await news(contract, start, [id], (all) => all.length > 0)
    const added = records.flatMap(({ messagesAdded }) => messagesAdded ?? [])
    assert.deepEqual(
      added.map(({ message }) => labelsOf(message)),
      [new Set([own.id, 'UNREAD'])],
    )
  }),

  fact('F§2.8', 'a draft that is updated is an added and a deleted message', async (contract) => {
    const draft = await contract.newDraft()
    const start = await contract.historyId()
    const json = { message: { raw: encodeRaw(letter().raw) } }
    const updated = await contract.api.get<Draft>(`drafts/${draft.id}`, { method: 'PUT', json })
    const ids = [draft.message.id, updated.message.id]
    const records = await news(contract, start, ids, (all) => all.length >= 2)
    const added = records.flatMap(({ messagesAdded }) => messagesAdded ?? []).map(({ message }) => message.id)
    const deleted = records
      .flatMap(({ messagesDeleted }) => messagesDeleted ?? [])
      .map(({ message }) => message.id)
    assert.deepEqual([added, deleted], [[updated.message.id], [draft.message.id]])
  }),

  fact('F§2.9', 'making, renaming and deleting a label is no history', async (contract) => {
    const start = await contract.historyId()
    const label = await contract.newLabel('-silent')
    await contract.api.get<Label>(`labels/${label.id}`, {
      method: 'PATCH',
      json: { name: `${label.name}-2` },
    })
    await contract.api.done(`labels/${label.id}`, { method: 'DELETE' })
    const records = await since(contract, start)
    assert.equal(JSON.stringify(records).includes(`"${label.id}"`), false)
  }),

  fact('F§2.10', 'a history id from long ago is a 404', async (contract) => {
    const refusal = await contract.api.refused('history', { query: { startHistoryId: '1' } })
    expectRefusal(refusal, 404, 'notFound', 'Requested entity was not found.')
  }),

  fact('F§2.10', 'startHistoryId is required', async (contract) => {
    expectBadRequest(await contract.api.refused('history'))
  }),
]

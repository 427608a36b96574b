import assert from 'node:assert/strict'
import { choice, fact } from '../check.ts'
import { expectBadRequest, expectRefusal, labelsOf } from '../expect.ts'
import type { Label, Message } from '../resources.ts'

/** Labels as things of their own. */
export const labels = [
  fact('F§2.9', 'a new label has an id of its own, is a user label and is in the list', async (contract) => {
    const name = `${contract.labelName}/nested é`
    const label = await contract.newLabel('/nested é')
    assert.match(label.id, /^Label_\d+$/)
    assert.equal(label.name, name)
    const { labels: all } = await contract.api.get<{ labels: Label[] }>('labels')
    const listed = all.find(({ id }) => id === label.id)
    assert.deepEqual([listed?.name, listed?.type], [name, 'user'])
  }),

  fact('F§2.9', 'visibility is said at creation and changed by patch', async (contract) => {
    const { id } = await contract.newLabel('-visible')
    const shown = { labelListVisibility: 'labelShowIfUnread', messageListVisibility: 'hide' }
    await contract.api.get(`labels/${id}`, { method: 'PATCH', json: shown })
    const label = await contract.api.get<Label>(`labels/${id}`)
    assert.deepEqual([label.labelListVisibility, label.messageListVisibility], ['labelShowIfUnread', 'hide'])
  }),

  fact('F§2.9', 'a name that exists is a 409', async (contract) => {
    const { name } = await contract.label()
    const refusal = await contract.api.refused('labels', { method: 'POST', json: { name } })
    expectRefusal(refusal, 409, 'aborted', 'Label name exists or conflicts')
  }),

  choice('F§ Not established', 'a name that differs in case only is a 409', async (contract) => {
    const name = (await contract.label()).name.toUpperCase()
    const refusal = await contract.api.refused('labels', { method: 'POST', json: { name } })
    expectRefusal(refusal, 409, 'aborted')
  }),

  fact('F§2.9', 'reserved names are a 400, whatever their case', async (contract) => {
    await contract.label()
    for (const name of ['inbox', 'Sent', 'DRAFTS', 'chat', 'Archive', 'muted', 'allmail']) {
      const refusal = await contract.api.refused('labels', { method: 'POST', json: { name } })
      expectBadRequest(refusal, /Invalid label name/)
    }
  }),

  fact('F§2.9', 'a label keeps its id when it is renamed, by patch and by update', async (contract) => {
    const { id, name } = await contract.newLabel('-before')
    const patched = await contract.api.get<Label>(`labels/${id}`, {
      method: 'PATCH',
      json: { name: `${name}-1` },
    })
    assert.deepEqual([patched.id, patched.name], [id, `${name}-1`])
    const json = { id, name: `${name}-2`, labelListVisibility: 'labelShow', messageListVisibility: 'show' }
    const updated = await contract.api.get<Label>(`labels/${id}`, { method: 'PUT', json })
    assert.deepEqual([updated.id, updated.name], [id, `${name}-2`])
  }),

  choice('F§ Not established', 'renaming a label does not rename its children', async (contract) => {
    const parent = await contract.newLabel('-family')
    const child = await contract.newLabel('-family/child')
    await contract.api.get(`labels/${parent.id}`, { method: 'PATCH', json: { name: `${parent.name}-moved` } })
    assert.equal((await contract.api.get<Label>(`labels/${child.id}`)).name, child.name)
  }),

  fact(
    'F§2.9',
    'deleting a label answers without content and takes it off its messages',
    async (contract) => {
      const label = await contract.newLabel('-short')
      const { id } = await contract.insert({ labelIds: [label.id] })
      await contract.api.done(`labels/${label.id}`, { method: 'DELETE' })
      expectRefusal(await contract.api.refused(`labels/${label.id}`), 404, 'notFound')
      const read = () => contract.api.get<Message>(`messages/${id}`, { query: { format: 'minimal' } })
      const message = await contract.api.eventually(read, (one) => !labelsOf(one).has(label.id))
      assert.equal(labelsOf(message).has(label.id), false)
    },
  ),

  fact('F§1.4', 'a system label cannot be renamed', async (contract) => {
    const json = { name: `${contract.labelName}-system` }
    expectBadRequest(await contract.api.refused('labels/IMPORTANT', { method: 'PATCH', json }))
  }),

  fact('F§1.4', 'an unknown label is a 404', async (contract) => {
    expectRefusal(await contract.api.refused('labels/Label_1234567890123'), 404, 'notFound')
  }),
]

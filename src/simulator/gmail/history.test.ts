import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, raw, startHouse, type House } from '../testing/house.ts'

closeAfterEach()

interface Entry {
  message: { id: string; labelIds?: string[] }
  labelIds?: string[]
}

interface HistoryPage {
  history?: {
    id: string
    messages: object[]
    messagesAdded?: Entry[]
    messagesDeleted?: Entry[]
    labelsAdded?: Entry[]
    labelsRemoved?: Entry[]
  }[]
  nextPageToken?: string
  historyId: string
}

async function present(house: House): Promise<string> {
  return (await house.get<{ historyId: string }>('profile')).historyId
}

/** `+id` added, `-id` deleted, `id+LABEL`, `id-LABEL`. */
function brief(page: HistoryPage): string[] {
  return (page.history ?? []).map(({ messagesAdded, messagesDeleted, labelsAdded, labelsRemoved }) => {
    if (messagesAdded) return `+${messagesAdded[0]?.message.id}`
    if (messagesDeleted) return `-${messagesDeleted[0]?.message.id}`
    const entry = labelsAdded?.[0] ?? labelsRemoved?.[0]
    return `${entry?.message.id}${labelsAdded ? '+' : '-'}${entry?.labelIds?.join(',')}`
  })
}

function draft(text: string) {
  return { json: { message: { raw: raw(letter({ To: 'ada@example.org', Subject: 'd' }, text)) } } }
}

describe('history.list', () => {
  it('tells what happened after a moment, in order, and nothing when nothing did', async () => {
    const house = await startHouse()
    const start = await present(house)
    assert.deepEqual(await house.get(`history?startHistoryId=${start}`), { historyId: start })
    const { id } = await house.insert(letter({ Subject: 'x' }), ['INBOX', 'UNREAD'])
    await house.get(`messages/${id}/modify`, {
      json: { addLabelIds: ['STARRED'], removeLabelIds: ['UNREAD', 'INBOX'] },
    })
    await house.get(`messages/${id}/modify`, { json: { addLabelIds: ['STARRED'] } })
    await house.ask(`messages/${id}`, { method: 'DELETE' })
    const page = await house.get<HistoryPage>(`history?startHistoryId=${start}`)
    assert.deepEqual(brief(page), [`+${id}`, `${id}+STARRED`, `${id}-UNREAD,INBOX`, `-${id}`])
    assert.equal(page.historyId, await present(house))
    assert.deepEqual(page.history?.[1]?.labelsAdded?.[0]?.message.labelIds, ['UNREAD', 'STARRED', 'INBOX'])
    const ids = page.history?.map((record) => BigInt(record.id)) ?? []
    assert.ok(ids.every((one, index) => one > (ids[index - 1] ?? BigInt(start))))

    const few: string[] = []
    let token = ''
    do {
      const part = await house.get<HistoryPage>(
        `history?startHistoryId=${start}&maxResults=3&pageToken=${token}`,
      )
      few.push(...brief(part))
      token = part.nextPageToken ?? ''
    } while (token !== '')
    assert.deepEqual(few, brief(page))
    const chosen = async (query: string) =>
      brief(await house.get<HistoryPage>(`history?startHistoryId=${start}&${query}`))
    assert.deepEqual(await chosen('historyTypes=messageAdded&historyTypes=messageDeleted'), [
      `+${id}`,
      `-${id}`,
    ])
    assert.deepEqual(await chosen('labelId=INBOX'), [`+${id}`, `${id}+STARRED`, `${id}-UNREAD,INBOX`])
  })

  it('says nothing of labels themselves, not even of their deletion', async () => {
    const house = await startHouse()
    const label = await house.get<{ id: string }>('labels', { json: { name: 'Short' } })
    const { id } = await house.insert(letter({ Subject: 'x' }), [label.id])
    const start = await present(house)
    await house.get(`labels/${label.id}`, { method: 'PATCH', json: { name: 'Shorter' } })
    assert.equal((await house.ask(`labels/${label.id}`, { method: 'DELETE' })).status, 204)
    assert.deepEqual(await house.get(`history?startHistoryId=${start}`), { historyId: start })
    assert.equal((await house.get<{ labelIds?: string[] }>(`messages/${id}`)).labelIds, undefined)
  })

  it('answers 404 for what is forgotten or was never, 400 for what is no id', async () => {
    const house = await startHouse()
    const start = await present(house)
    const status = async (query: string) => (await house.ask(`history?${query}`)).status
    await house.control('expireHistory')
    assert.equal(await status(`startHistoryId=${start}`), 404)
    const now = await present(house)
    assert.equal(await status(`startHistoryId=${now}`), 200)
    assert.equal(await status(`startHistoryId=${BigInt(now) + 1n}`), 404)
    assert.equal(await status('startHistoryId=18446744073709551615'), 404)
    for (const bad of ['', 'startHistoryId=soon', 'startHistoryId=-1', 'startHistoryId=1&historyTypes=party'])
      assert.equal(await status(bad), bad.includes('party') ? 404 : 400, bad)
    assert.equal(await status(`startHistoryId=${now}&historyTypes=party`), 400)
  })
})

describe('drafts', () => {
  it('keep their id and change their message with every update: added, then deleted', async () => {
    const house = await startHouse()
    const start = await present(house)
    const first = await house.get<{ id: string; message: { id: string; threadId: string } }>(
      'drafts',
      draft('one\n'),
    )
    assert.match(first.id, /^r-?\d+$/)
    const second = await house.get<typeof first>(`drafts/${first.id}`, { method: 'PUT', ...draft('two\n') })
    assert.equal(second.id, first.id)
    assert.notEqual(second.message.id, first.message.id)
    assert.equal(second.message.threadId, first.message.threadId)
    const sent = await house.get<{ id: string; labelIds: string[] }>('drafts/send', {
      json: { id: first.id },
    })
    assert.deepEqual(sent.labelIds, ['SENT'])
    assert.deepEqual(brief(await house.get(`history?startHistoryId=${start}`)), [
      `+${first.message.id}`,
      `+${second.message.id}`,
      `-${first.message.id}`,
      `+${sent.id}`,
      `-${second.message.id}`,
    ])
    assert.deepEqual((await house.reason(`drafts/${first.id}`)).slice(0, 2), [404, 'notFound'])
    assert.match(await house.rawOf(sent.id), /\r\n\r\ntwo\r\n$/)
  })

  it('are listed with their ids and gone for ever when deleted', async () => {
    const house = await startHouse()
    const before = (await house.get<{ drafts?: object[] }>('drafts')).drafts?.length ?? 0
    const { id, message } = await house.get<{ id: string; message: { id: string } }>('drafts', {
      json: { message: { raw: raw('Message-ID: <d1@example.org>\n\n') } },
    })
    assert.equal((await house.get<{ drafts: object[] }>('drafts')).drafts.length, before + 1)
    const found = await house.get<{ drafts: { id: string }[] }>('drafts?q=rfc822msgid:d1@example.org')
    assert.deepEqual(
      found.drafts.map((one) => one.id),
      [id],
    )
    assert.equal((await house.ask(`drafts/${id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await house.ask(`messages/${message.id}`)).status, 404)
    assert.equal((await house.ask(`drafts/${id}`, { method: 'PUT', json: {} })).status, 404)
  })
})

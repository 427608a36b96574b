import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, startHouse, type House } from '../testing/house.ts'

closeAfterEach()

interface Pulled {
  receivedMessages?: { ackId: string; message: { data: string; messageId: string; publishTime: string } }[]
}

const topic = 'projects/mine/topics/mail'

async function pubsubToken(house: House): Promise<string> {
  const scopes = ['https://www.googleapis.com/auth/pubsub']
  return (await house.control<{ token: string }>('grant', { scopes })).token
}

async function call(house: House, token: string, verb: string, body: object): Promise<Response> {
  return fetch(`${house.sim.url}/v1/projects/mine/subscriptions/postern:${verb}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
}

async function pull(house: House, token: string, body: object = {}): Promise<Pulled> {
  const response = await call(house, token, 'pull', { maxMessages: 10, returnImmediately: true, ...body })
  assert.equal(response.status, 200)
  return (await response.json()) as Pulled
}

function notices({ receivedMessages = [] }: Pulled): { emailAddress: string; historyId: unknown }[] {
  return receivedMessages.map(
    ({ message }) =>
      JSON.parse(Buffer.from(message.data, 'base64').toString()) as {
        emailAddress: string
        historyId: unknown
      },
  )
}

describe('watch', () => {
  it('notifies at once and after changes, no more than once a second, until stop', async () => {
    const house = await startHouse({ now: Date.UTC(2026, 0, 1) })
    const token = await pubsubToken(house)
    const watch = await house.get<{ historyId: string; expiration: string }>('watch', {
      json: { topicName: topic },
    })
    assert.equal(Number(watch.expiration), Date.UTC(2026, 0, 8))
    const first = await pull(house, token)
    assert.deepEqual(notices(first), [
      { emailAddress: house.sim.account, historyId: Number(watch.historyId) },
    ])
    await call(house, token, 'acknowledge', { ackIds: first.receivedMessages?.map(({ ackId }) => ackId) })

    const held = pull(house, token, { returnImmediately: false })
    await house.insert(letter({ Subject: 'one' }))
    const [notice] = notices(await held)
    const { historyId } = await house.get<{ historyId: string }>('profile')
    assert.equal(notice?.historyId, Number(historyId))
    await house.insert(letter({ Subject: 'too soon' }))
    assert.deepEqual(await pull(house, token), {})
    await house.control('clock', { advance: 1000 })
    await house.insert(letter({ Subject: 'two' }))
    assert.equal(notices(await pull(house, token)).length, 1)
    // What was not acknowledged comes again when its time is over.
    await house.control('clock', { advance: 10_000 })
    assert.equal(notices(await pull(house, token)).length, 2)
    assert.equal((await house.ask('stop', { method: 'POST' })).status, 204)
    await house.insert(letter({ Subject: 'three' }))
    assert.deepEqual(await pull(house, token), {})
  })

  it('can be for some labels, and has one topic', async () => {
    const house = await startHouse({ now: Date.UTC(2026, 0, 1) })
    const token = await pubsubToken(house)
    await house.get('watch', {
      json: { topicName: topic, labelIds: ['INBOX'], labelFilterBehavior: 'INCLUDE' },
    })
    await pull(house, token)
    await house.insert(letter({ Subject: 'archived' }), [])
    assert.deepEqual(await pull(house, token), {})
    await house.insert(letter({ Subject: 'inbox' }), ['INBOX'])
    assert.equal(notices(await pull(house, token)).length, 1)
    for (const json of [
      {},
      { topicName: 'mail' },
      { topicName: 'projects/mine/topics/other' },
      { topicName: topic, labelIds: ['X'] },
    ])
      assert.equal((await house.ask('watch', { json })).status, 400)
  })

  it('is pulled with the scope for Pub/Sub only', async () => {
    const house = await startHouse()
    assert.equal((await call(house, house.sim.token, 'pull', { maxMessages: 1 })).status, 403)
    assert.equal((await call(house, 'nobody', 'pull', { maxMessages: 1 })).status, 401)
    const token = await pubsubToken(house)
    assert.equal((await call(house, token, 'pull', {})).status, 400)
    assert.equal((await call(house, token, 'push', {})).status, 404)
  })

  it('does not keep a closing simulator waiting', async () => {
    const house = await startHouse()
    const token = await pubsubToken(house)
    const held = call(house, token, 'pull', { maxMessages: 1 }).catch(() => undefined)
    await house.ask('profile')
    await house.sim.close()
    await held
  })
})

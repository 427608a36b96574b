import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, raw, startHouse, type House } from './testing/house.ts'

closeAfterEach()

const scope = (name: string) => `https://www.googleapis.com/auth/gmail.${name}`

async function tokenFor(house: House, ...scopes: string[]): Promise<string> {
  return (await house.control<{ token: string }>('grant', { scopes })).token
}

describe('a call', () => {
  it('needs a token that is alive, in the header or in the query', async () => {
    const house = await startHouse()
    const { sim } = house
    const without = await fetch(`${sim.url}/gmail/v1/users/me/profile`)
    assert.equal(without.status, 401)
    assert.ok(without.headers.get('www-authenticate'))
    assert.deepEqual((await house.reason('profile', { token: 'ya29.nobody' })).slice(0, 2), [
      401,
      'authError',
    ])
    const query = await fetch(`${sim.url}/gmail/v1/users/me/profile?access_token=${sim.token}`)
    assert.equal(query.status, 200)
    await house.control('revoke')
    assert.equal((await house.ask('profile')).status, 401)
  })

  it('is for the token’s own mailbox, by me or by address', async () => {
    const { sim } = await startHouse()
    const status = async (user: string) =>
      (await fetch(`${sim.url}/gmail/v1/users/${user}/profile?access_token=${sim.token}`)).status
    assert.equal(await status('demo%40gmail.test'), 200)
    assert.equal(await status('DEMO@gmail.test'), 200)
    assert.equal(await status(sim.peer.user), 403)
  })

  it('needs one of its method’s scopes', async () => {
    const house = await startHouse()
    const labels = await tokenFor(house, scope('labels'))
    assert.equal((await house.ask('labels', { token: labels })).status, 200)
    const { status, body } = await house.ask('messages', { token: labels })
    assert.equal(status, 403)
    assert.match(JSON.stringify(body), /ACCESS_TOKEN_SCOPE_INSUFFICIENT/)
    // https://mail.google.com/ may do everything but write settings.
    assert.equal((await house.ask('settings/imap', { method: 'PUT', json: {} })).status, 403)
    const modify = await tokenFor(house, scope('modify'))
    const { id } = await house.insert(letter({ Subject: 'x' }))
    assert.equal((await house.ask(`messages/${id}`, { method: 'DELETE', token: modify })).status, 403)
    assert.equal((await house.ask(`messages/${id}`, { method: 'DELETE' })).status, 204)
  })

  it('sees no more than metadata with gmail.metadata', async () => {
    const house = await startHouse()
    const token = await tokenFor(house, scope('metadata'))
    const { messages } = await house.get<{ messages: { id: string }[] }>('messages', { token })
    const id = messages[0]?.id
    assert.equal((await house.ask(`messages/${id}?format=metadata`, { token })).status, 200)
    assert.equal((await house.ask(`messages/${id}?format=raw`, { token })).status, 403)
    assert.equal((await house.ask(`messages/${id}`, { token })).status, 403)
    assert.equal((await house.ask('messages?q=x', { token })).status, 403)
  })

  it('refuses parameters and values that the method does not know', async () => {
    const house = await startHouse()
    for (const path of [
      'messages?color=red',
      'messages?maxResults=many',
      'messages?includeSpamTrash=perhaps',
      'profile?alt=media',
    ])
      assert.deepEqual((await house.reason(path)).slice(0, 2), [400, 'invalidArgument'], path)
    assert.equal(
      (await house.ask('messages/batchModify', { method: 'POST', headers: {}, json: [1] })).status,
      400,
    )
    const broken = await fetch(`${house.sim.url}/gmail/v1/users/me/labels?access_token=${house.sim.token}`, {
      method: 'POST',
      body: '{',
    })
    assert.equal(broken.status, 400)
  })

  it('refuses a JSON body of more than 5 MB with 413', async () => {
    const house = await startHouse()
    const { status } = await house.ask('messages', { json: { raw: 'A'.repeat(5 * 1024 * 1024) } })
    assert.equal(status, 413)
  })
})

describe('quota', () => {
  it('is charged by method and refused with 403 rateLimitExceeded when it is spent', async () => {
    const house = await startHouse({ quotaPerMinute: 60, now: Date.UTC(2026, 0, 1) })
    const { messages } = await house.get<{ messages: { id: string }[] }>('messages?maxResults=1')
    for (let call = 0; call < 9; call += 1) await house.get(`messages/${messages[0]?.id}?format=minimal`)
    const [status, reason, message] = await house.reason(`messages/${messages[0]?.id}`)
    assert.deepEqual([status, reason], [403, 'rateLimitExceeded'])
    assert.match(message, /Total Query Cost.*Units per minute per user/)
    const ledger = await house.control<{ units: number; methods: Record<string, object> }>('ledger', {
      reset: true,
    })
    assert.equal(ledger.units, 5 + 9 * 20)
    assert.deepEqual(ledger.methods['messages.get'], { calls: 9, units: 180, refused: 1 })
    // One unit a second comes back.
    await house.control('clock', { advance: 5000 })
    assert.equal((await house.ask(`messages/${messages[0]?.id}`)).status, 200)
    assert.deepEqual((await house.control<{ methods: object }>('ledger')).methods, {
      'messages.get': { calls: 1, units: 20, refused: 0 },
    })
    await house.control('quota', { unitsPerMinute: 0 })
    for (let call = 0; call < 30; call += 1) await house.get('messages?maxResults=1')
  })

  it('has a limit on calls under way at once: 429', async () => {
    const house = await startHouse({ latencyMs: 1000 })
    // The calls of a batch start together.
    const part = '--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/labels\r\n\r\n'
    const response = await fetch(`${house.sim.url}/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.sim.token}`, 'content-type': 'multipart/mixed; boundary=b' },
      body: `${part.repeat(60)}--b--`,
    })
    const text = await response.text()
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 50)
    assert.equal(text.match(/HTTP\/1\.1 429/g)?.length, 10)
    assert.equal((await house.ask('labels')).status, 200)
  })
})

describe('faults', () => {
  it('fail the next calls of a method with a status and a reason, before the effect', async () => {
    const house = await startHouse()
    await house.control('fault', {
      method: 'labels.create',
      count: 2,
      skip: 1,
      status: 429,
      retryAfterSeconds: 7,
    })
    await house.get('labels', { json: { name: 'One' } })
    const failed = await house.ask('labels', { json: { name: 'Two' } })
    assert.equal(failed.status, 429)
    assert.equal(failed.headers.get('retry-after'), '7')
    assert.match(JSON.stringify(failed.body), /Retry after \d{4}-\d\d-\d\dT/)
    assert.equal((await house.ask('labels', { json: { name: 'Two' } })).status, 429)
    await house.get('labels', { json: { name: 'Two' } })
    await house.control('fault', { status: 503 })
    assert.deepEqual(await house.reason('profile'), [503, 'backendError', 'Backend Error'])
    await house.control('fault', { status: 403, reason: 'userRateLimitExceeded' })
    const limited = await house.ask('profile')
    assert.match(JSON.stringify(limited.body), /"usageLimits"/)
  })

  it('let the effect happen and hide it', async () => {
    const house = await startHouse()
    await house.control('fault', { method: 'messages.insert', status: 500, when: 'after' })
    const before = await house.get<{ messagesTotal: number }>('profile')
    assert.equal(
      (await house.ask('messages', { json: { raw: raw(letter({ Subject: 'There' })) } })).status,
      500,
    )
    assert.equal(
      (await house.get<{ messagesTotal: number }>('profile')).messagesTotal,
      before.messagesTotal + 1,
    )
  })

  it('break the connection before or after the effect, also of uploads and batches', async () => {
    const house = await startHouse()
    const total = async () => (await house.get<{ messagesTotal: number }>('profile')).messagesTotal
    const start = await total()
    const insert = () => house.ask('messages', { json: { raw: raw(letter({ Subject: 'x' })) } })
    await house.control('fault', { method: 'messages.insert', drop: true })
    await assert.rejects(insert)
    assert.equal(await total(), start)
    await house.control('fault', { method: 'messages.insert', drop: true, when: 'after' })
    await assert.rejects(insert)
    assert.equal(await total(), start + 1)
    await house.control('fault', { method: 'messages.insert', drop: true, when: 'after' })
    const upload = () =>
      fetch(`${house.sim.url}/upload/gmail/v1/users/me/messages?uploadType=media`, {
        method: 'POST',
        headers: { authorization: `Bearer ${house.sim.token}`, 'content-type': 'message/rfc822' },
        body: 'Subject: y\r\n\r\n',
      })
    await assert.rejects(upload)
    assert.equal(await total(), start + 2)
    assert.equal((await upload()).status, 200)
    await house.control('fault', { method: 'getProfile', drop: true })
    const batch = () =>
      fetch(`${house.sim.url}/batch/gmail/v1`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${house.sim.token}`,
          'content-type': 'multipart/mixed; boundary=b',
        },
        body: '--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile\r\n\r\n--b--',
      })
    await assert.rejects(batch)
    assert.equal((await batch()).status, 200)
  })
})

describe('quirks', () => {
  it('ghosts are listed, and a 404 otherwise', async () => {
    const house = await startHouse()
    const { id } = await house.insert(letter({ Subject: 'Ghost' }))
    await house.control('quirks', { ghosts: [id] })
    const { messages } = await house.get<{ messages: { id: string }[] }>('messages?maxResults=1')
    assert.equal(messages[0]?.id, id)
    assert.deepEqual((await house.reason(`messages/${id}`)).slice(0, 2), [404, 'notFound'])
  })

  it('empty first pages of lists and history have a nextPageToken that works', async () => {
    const house = await startHouse()
    const { historyId } = await house.get<{ historyId: string }>('profile')
    await house.insert(letter({ Subject: 'x' }))
    await house.control('quirks', { emptyListPages: true, emptyHistoryPages: true })
    for (const [path, key] of [
      ['messages?', 'messages'],
      [`history?startHistoryId=${historyId}&`, 'history'],
    ] as const) {
      const first = await house.get<Record<string, string>>(path)
      assert.equal(first[key], undefined)
      const second = await house.get<Record<string, unknown[]>>(`${path}pageToken=${first['nextPageToken']}`)
      assert.ok((second[key]?.length ?? 0) > 0)
    }
  })

  it('fail every n-th call of a batch with 429', async () => {
    const house = await startHouse()
    await house.control('quirks', { batchFailEvery: 2 })
    const part = '--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile\r\n\r\n'
    const response = await fetch(`${house.sim.url}/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.sim.token}`, 'content-type': 'multipart/mixed; boundary=b' },
      body: `${part.repeat(4)}--b--`,
    })
    const text = await response.text()
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2)
    assert.equal(text.match(/HTTP\/1\.1 429/g)?.length, 2)
  })

  it('make fresh mail unfindable and unreadable for a while, base64 unpadded, label ids unknown', async () => {
    const house = await startHouse({ now: Date.UTC(2026, 0, 1) })
    await house.control('quirks', {
      searchLagMs: 5000,
      readableLagMs: 3000,
      unpadded: true,
      unlistedLabels: ['YELLOW_STAR'],
    })
    const { id } = await house.insert(letter({ Subject: 'brandnew' }, 'a\n'))
    assert.equal((await house.ask(`messages/${id}`)).status, 404)
    assert.deepEqual(await house.get('messages?q=brandnew'), { resultSizeEstimate: 0 })
    await house.control('clock', { advance: 5000 })
    const message = await house.get<{ raw: string; labelIds: string[] }>(`messages/${id}?format=raw`)
    assert.ok(!message.raw.includes('='))
    assert.deepEqual(message.labelIds, ['INBOX', 'YELLOW_STAR'])
    assert.equal((await house.get<{ messages: object[] }>('messages?q=brandnew')).messages.length, 1)
    const response = await fetch(`${house.sim.control}/quirks`, { method: 'POST', body: '{"nonsense":1}' })
    assert.equal(response.status, 400)
  })

  it('forget history that is too old', async () => {
    const house = await startHouse({ now: Date.UTC(2026, 0, 1) })
    const { historyId } = await house.get<{ historyId: string }>('profile')
    await house.insert(letter({ Subject: 'x' }))
    await house.control('quirks', { historyRetentionMs: 60_000 })
    await house.get(`history?startHistoryId=${historyId}`)
    await house.control('clock', { advance: 61_000 })
    assert.deepEqual((await house.reason(`history?startHistoryId=${historyId}`)).slice(0, 2), [
      404,
      'notFound',
    ])
    const now = await house.get<{ historyId: string }>('profile')
    await house.get(`history?startHistoryId=${now.historyId}`)
  })
})

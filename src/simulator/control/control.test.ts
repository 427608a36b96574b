import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { closeAfterEach, letter, startHouse } from '../testing/house.ts'

closeAfterEach()

/** One third of a JWT. */
function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

interface State {
  accounts: {
    address: string
    messagesTotal: number
    labels: { id: string; name: string; messagesTotal: number }[]
    messages: { id: string; labelIds: string[]; size: number }[]
  }[]
}

describe('the control endpoint', () => {
  it('describes its verbs, and takes them in the body or in the address', async () => {
    const { sim } = await startHouse()
    const { verbs } = (await (await fetch(sim.control)).json()) as {
      verbs: { name: string; takes: object }[]
    }
    assert.ok(verbs.length > 20)
    assert.ok(verbs.every(({ takes }) => 'type' in takes))
    const post = async (path: string, body: string, headers = {}) =>
      (await fetch(sim.control + path, { method: 'POST', body, headers })).status
    assert.equal(await post('', '{"do":"latency","ms":1}'), 200)
    assert.equal(await post('/latency', '{"ms":0}'), 200)
    assert.equal(await post('/reset', ''), 200)
    for (const [path, body] of [
      ['', '{"do":"dance"}'],
      ['/latency', '{"ms":-1}'],
      ['/latency', '{"ms":1,"s":2}'],
      ['/latency', '[1]'],
      ['/latency', '{'],
      ['/labels', '{"ids":["1"],"add":["STARRED"]}'],
    ] as const)
      assert.equal(await post(path, body), 400, body)
    assert.equal(await post('/reset', '', { origin: 'https://evil.example' }), 403)
  })

  it('delivers, labels and deletes as another client would, all in the history', async () => {
    const house = await startHouse({ mail: import.meta.dirname })
    const { historyId } = await house.get<{ historyId: string }>('profile')
    const octets = Buffer.from('Subject: \xff\n\nbytes\r', 'latin1')
    const { id } = await house.control<{ id: string }>('deliver', {
      raw: octets.toString('base64'),
      labels: ['INBOX', 'New/Label'],
      date: '2020-01-02T03:04:05Z',
    })
    assert.equal(await house.rawOf(id), octets.toString('latin1'))
    await house.control('labels', { ids: [id], add: ['SENT', 'Other'], remove: ['New/Label'] })
    const [account] = (await house.control<State>('state')).accounts
    assert.equal(account?.messagesTotal, 1)
    assert.equal(account.labels.find(({ name }) => name === 'Other')?.messagesTotal, 1)
    const { internalDate } = await house.get<{ internalDate: string }>(`messages/${id}`)
    assert.equal(Number(internalDate), Date.UTC(2020, 0, 2, 3, 4, 5))
    await house.control('renameLabel', { label: 'Other', name: 'Another' })
    await house.control('deleteLabel', { label: 'Another' })
    await house.control('createLabel', { name: 'Fresh' })
    await house.control('delete', { ids: [id] })
    const { history } = await house.get<{ history: object[] }>(`history?startHistoryId=${historyId}`)
    assert.deepEqual(
      history.map((record) => Object.keys(record).at(-1)),
      ['messagesAdded', 'labelsAdded', 'labelsRemoved', 'messagesDeleted'],
    )
    await house.control('send', { account: house.sim.peer.user, text: letter({ To: house.sim.account }) })
    assert.equal((await house.control<State>('state')).accounts[0]?.messagesTotal, 1)
  })

  it('revokes, refuses refreshes in a kind, adds accounts and service accounts', async () => {
    const house = await startHouse()
    const { sim } = house
    const token = async (form: Record<string, string>) => {
      const response = await fetch(`${sim.url}/token`, { method: 'POST', body: new URLSearchParams(form) })
      return (await response.json()) as { error?: string; access_token?: string }
    }
    const refresh = () =>
      token({
        grant_type: 'refresh_token',
        refresh_token: sim.refreshToken,
        client_id: sim.clientId,
        client_secret: sim.clientSecret,
      })
    assert.ok((await refresh()).access_token)
    await house.control('refuseRefresh', { kind: 'admin_policy_enforced' })
    assert.equal((await refresh()).error, 'admin_policy_enforced')
    await house.control('refuseRefresh', { kind: null })
    await house.control('revoke')
    assert.equal((await refresh()).error, 'invalid_grant')
    assert.equal((await house.ask('profile', { token: sim.peer.token })).status, 200)

    const added = await house.control<{ token: string }>('addAccount', { address: 'third@gmail.test' })
    const profile = await house.get<{ emailAddress: string }>('profile', { token: added.token })
    assert.equal(profile.emailAddress, 'third@gmail.test')

    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const email = 'robot@project.iam.gserviceaccount.com'
    await house.control('addServiceAccount', {
      email,
      publicKey: publicKey.export({ format: 'pem', type: 'spki' }),
    })
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: email,
      sub: 'third@gmail.test',
      scope: 'https://mail.google.com/',
      aud: `${sim.url}/token`,
      iat: now,
      exp: now + 3600,
    }
    const text = `${part({ alg: 'RS256' })}.${part(claims)}`
    const assertion = `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
    const granted = await token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
    assert.equal((await house.ask('profile', { token: granted.access_token ?? '' })).status, 200)
  })
})

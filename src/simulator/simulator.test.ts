import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { closeAfterEach, endHouse, letter, startHouse } from './testing/house.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-simulator-'))
  folders.push(folder)
  return folder
}

interface Ids {
  messages?: { id: string }[]
}

async function repeatable(): Promise<object> {
  const house = await startHouse({ now: Date.UTC(2026, 0, 1), seed: 'again' })
  await house.insert(letter({ Subject: 'One' }))
  const state = await house.control('state')
  return { token: house.sim.token, state }
}

closeAfterEach()

describe('seeding from a folder', () => {
  it('keeps every fixture octet for octet', async () => {
    const folder = join(import.meta.dirname, '../../test/fixtures/messages')
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort()
    const progress: [number, number][] = []
    const house = await startHouse({
      mail: folder,
      onProgress: (done, total) => progress.push([done, total]),
    })
    const { messages = [] } = await house.get<Ids>('messages?maxResults=500')
    // Ids ascend in the order of the file names.
    const ids = messages.map(({ id }) => id).sort((a, b) => Number(BigInt(`0x${a}`) - BigInt(`0x${b}`)))
    assert.equal(ids.length, names.length)
    for (const [index, name] of names.entries()) {
      const octets = readFileSync(join(folder, name)).toString('latin1')
      assert.equal(await house.rawOf(ids[index] as string), octets, name)
      await house.get(`messages/${ids[index]}`)
    }
    assert.deepEqual(progress.at(-1), [names.length, names.length])
  })

  it('makes a label of a subfolder’s path, system labels of their names, and INBOX and UNREAD of none', async () => {
    const folder = newFolder()
    const put = (path: string[], name: string, date: string) => {
      mkdirSync(join(folder, ...path), { recursive: true })
      writeFileSync(join(folder, ...path, name), letter({ Date: date, Subject: name }))
    }
    put([], '3.eml', 'Tue, 3 Jan 2006 03:04:05 +0000')
    put(['Work', 'Projects'], '1.eml', 'Mon, 2 Jan 2006 15:04:05 -0700')
    put(['SENT'], '2.eml', 'no date at all')
    put(['Archive'], '4.EML', 'Wed, 4 Jan 2006 03:04:05 +0000')
    put(['drafts'], '5.eml', 'Thu, 5 Jan 2006 03:04:05 +0000')
    writeFileSync(join(folder, 'notes.txt'), 'not mail')
    const house = await startHouse({ mail: folder })
    const { accounts } = await house.control<{
      accounts: {
        labels: { id: string; name: string }[]
        messages: { labelIds: string[]; internalDate: number }[]
      }[]
    }>('state', { account: house.sim.account })
    const labels = new Map(accounts[0]?.labels.map(({ id, name }) => [id, name]))
    const byDate = (accounts[0]?.messages ?? []).sort((a, b) => a.internalDate - b.internalDate)
    assert.deepEqual(
      byDate.map(({ labelIds }) => labelIds.map((id) => labels.get(id)).join(' ')),
      ['Work/Projects', 'SENT', 'UNREAD INBOX', 'Archive', 'DRAFT'],
    )
    assert.equal(byDate[0]?.internalDate, Date.UTC(2006, 0, 2, 22, 4, 5))
    assert.equal(byDate[1]?.internalDate, Date.UTC(2006, 0, 2, 22, 4, 6))
    const { drafts } = await house.get<{ drafts: { id: string }[] }>('drafts')
    assert.equal(drafts.length, 1)
  })

  it('takes a folder without mail, and refuses one that is not there', async () => {
    const house = await startHouse({ mail: newFolder() })
    assert.deepEqual(await house.get('messages'), { resultSizeEstimate: 0 })
    await assert.rejects(startHouse({ mail: join(newFolder(), 'nowhere') }), { code: 'ENOENT' })
  })
})

describe('a simulator with a data folder', () => {
  it('goes on after a restart with mail, history, grants and tokens', async () => {
    const dataDir = newFolder()
    const first = await startHouse({ dataDir })
    const { token, refreshToken, clientId, clientSecret, peer } = first.sim
    const { historyId } = await first.get<{ historyId: string }>('profile')
    const { id } = await first.control<{ id: string }>('deliver', { text: letter({ Subject: 'Stays' }) })
    const label = await first.get<{ id: string }>('labels', { json: { name: 'Kept' } })
    const draft = await first.get<{ id: string }>('drafts', {
      json: { message: { raw: 'U3ViamVjdDogeA0KDQo' } },
    })
    await first.control('addAccount', { address: 'third@gmail.test' })
    const granted = await first.control<{ token: string }>('grant', {
      scopes: ['https://www.googleapis.com/auth/gmail.labels'],
    })
    await endHouse(first)

    const second = await startHouse({ dataDir, seed: 'another' })
    const { sim } = second
    assert.deepEqual(
      [sim.token, sim.refreshToken, sim.clientId, sim.clientSecret, sim.peer],
      [token, refreshToken, clientId, clientSecret, peer],
    )
    assert.equal(await second.rawOf(id), 'Subject: Stays\r\n\r\nHello.\r\n')
    const { history } = await second.get<{ history: { messagesAdded: { message: { id: string } }[] }[] }>(
      `history?startHistoryId=${historyId}`,
    )
    assert.equal(history[0]?.messagesAdded[0]?.message.id, id)
    await second.get(`labels/${label.id}`)
    await second.get(`drafts/${draft.id}`)
    assert.equal((await second.ask('labels', { token: granted.token })).status, 200)
    const refreshed = await fetch(`${sim.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      }),
    })
    assert.equal(refreshed.status, 200)
    const { accounts } = await second.control<{ accounts: { address: string }[] }>('state', { messages: 0 })
    assert.deepEqual(
      accounts.map(({ address }) => address),
      ['demo@gmail.test', 'peer@gmail.test', 'third@gmail.test'],
    )
    const next = await second.insert(letter({ Subject: 'Later' }))
    assert.ok(BigInt(`0x${next.id}`) > BigInt(`0x${id}`))
  })

  it('does not forget a revocation', async () => {
    const dataDir = newFolder()
    const first = await startHouse({ dataDir })
    await first.control('revoke')
    await endHouse(first)
    const second = await startHouse({ dataDir })
    assert.equal((await second.ask('profile')).status, 401)
  })
})

describe('the simulator', () => {
  it('repeats itself with the same seed and moment', async () => {
    assert.deepEqual(await repeatable(), await repeatable())
  })

  it('shows the sample mailbox in its page and through the API', async () => {
    const house = await startHouse()
    const page = await (await fetch(house.sim.url)).text()
    assert.ok(page.includes('Work/Projects/Postern'))
    const { messages = [] } = await house.get<Ids>('messages?maxResults=500')
    assert.ok(messages.length > 40)
    for (const { id } of messages) await house.get(`messages/${id}`)
  })

  it('answers an unknown path with 404 in HTML', async () => {
    const house = await startHouse()
    for (const path of ['nowhere', 'messages/1/2/3/4', 'labels/x/modify']) {
      const { status, headers } = await house.ask(path)
      assert.equal(status, 404)
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
    }
    assert.equal((await fetch(`${house.sim.url}/elsewhere`)).status, 404)
  })
})

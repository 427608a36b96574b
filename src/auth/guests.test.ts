import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { readAccountsFile } from './accounts-file.ts'
import { applyAccountsFile } from './apply-accounts.ts'
import { createBearerCheck } from './bearer-check.ts'
import { ChosenPasswords } from './chosen-passwords.ts'
import { createDoorman } from './doorman.ts'
import { loadGrant } from './grant.ts'
import { createGuests } from './guests.ts'
import type { Guests } from './guests.ts'
import { clientId, clientSecret, startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { bookLog, HandClock } from './testing/hand-clock.ts'
import { memoryStore } from './testing/memory-store.ts'

const principal = 'bridge@project.iam.gserviceaccount.com'
const modify = 'https://www.googleapis.com/auth/gmail.modify'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })

let google: GoogleForTests
let store: ReturnType<typeof memoryStore>
let clock: HandClock
let log: ReturnType<typeof bookLog>
let guests: Guests
let doorman: Doorman
let folder = ''
let gone: string[]
const chosen = new ChosenPasswords()

beforeEach(async () => {
  google = await startGoogle(['anna@example.org', 'ben@example.org', 'boss@example.org', 'eve@other.test'])
  google.oauth.addServiceAccount({
    email: principal,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
  })
  folder = await mkdtemp(join(tmpdir(), 'postern-guests-'))
  await writeFile(join(folder, 'key.json'), JSON.stringify({ client_email: principal, private_key: pem }))
  await writeFile(join(folder, 'secret'), 'open-sesame\n')
  store = memoryStore()
  clock = new HandClock()
  log = bookLog()
  gone = []
  const { endpoints } = google
  const tokens = { renewed() {} }
  guests = createGuests({
    store,
    tokens,
    endpoints,
    clock,
    log,
    onGone: (domain, name) => gone.push(`${domain} ${name}`),
  })
  doorman = createDoorman({
    store,
    mailstoreOf: (account) => ({ address: `mailstore ${account}`, alert: undefined }) as Mailstore,
    chosen,
    guests,
    bearers: createBearerCheck({ endpoints, clientId: () => clientId, clock }),
    clock,
    log,
  })
  await apply([
    {
      email: '*@Example.org',
      auth: { serviceAccountKeyFile: 'key.json' },
      passwords: [{ name: 'all', passwordFile: 'secret', allow: ['imap'], from: ['192.0.2.0/24'] }],
    },
    {
      email: 'boss@example.org',
      auth: { refreshToken: '1//boss' },
      passwords: [{ name: 'own', password: 'boss-only' }],
    },
  ])
})
afterEach(async () => {
  await google.close()
  await rm(folder, { recursive: true })
})

async function apply(accounts: object[]): Promise<void> {
  const path = join(folder, 'accounts.json')
  await writeFile(path, JSON.stringify({ accounts }))
  const tokens = { renewed() {} }
  const parts = { store, tokens, chosen, guests, clientId, clientSecret, log }
  await applyAccountsFile(await readAccountsFile(path), parts)
}

function knock(user: string, password = 'open-sesame', from = '192.0.2.7', door: Door = 'imap') {
  return doorman.password(user, password, door, from)
}

function refused(answer: Admission | Refusal, why: Refusal['refused']): Refusal {
  assert.ok('refused' in answer, 'was let in')
  assert.equal(answer.refused, why)
  return answer
}

async function addresses(): Promise<string[]> {
  return (await store.accounts()).map(({ address }) => address)
}

describe('a pattern of the accounts file', () => {
  it('makes an account at the first login, once, by the address that Google vouches for', async () => {
    const answers = await Promise.all(
      ['Anna@Example.ORG', 'anna@example.org', ' anna@example.org '].map((user) => knock(user)),
    )
    for (const answer of answers) assert.ok('mailstore' in answer && answer.address === 'anna@example.org')
    assert.deepEqual(await addresses(), ['boss@example.org', 'anna@example.org'])
    assert.equal(google.tokenRequests.length, 1)
    const [, anna] = await store.accounts()
    assert.ok(anna)
    assert.ok(await guests.isGuest(anna.id))
    assert.deepEqual(await loadGrant(store, anna.id), {
      kind: 'service-account',
      keyFile: join(folder, 'key.json'),
      subject: 'anna@example.org',
      scopes: [modify],
    })
    assert.ok('mailstore' in (await knock('anna@example.org')))
    assert.equal(google.tokenRequests.length, 1)
  })

  it('asks Google for nobody whose password, network or domain is wrong', async () => {
    refused(await knock('anna@example.org', 'wrong'), 'credentials')
    assert.equal(
      refused(await knock('anna@example.org', undefined, '198.51.100.1'), 'credentials').reason,
      'source',
    )
    for (const user of ['eve@other.test', 'anna@sub.example.org', 'example.org', '*@example.org@other.test'])
      refused(await knock(user), 'credentials')
    assert.equal(google.tokenRequests.length, 0)
    assert.deepEqual(await addresses(), ['boss@example.org'])
  })

  it('leaves out who has an entry of their own', async () => {
    refused(await knock('boss@example.org'), 'credentials')
    assert.ok('mailstore' in (await knock('boss@example.org', 'boss-only')))
  })

  it('makes no account where there is no mailbox, and asks for it once a minute at most', async () => {
    assert.equal(refused(await knock('nobody@example.org'), 'credentials').reason, 'no-mailbox')
    refused(await knock('nobody@example.org'), 'credentials')
    refused(await knock('*@example.org'), 'credentials')
    assert.equal(google.tokenRequests.length, 2)
    clock.advance(60_001)
    refused(await knock('nobody@example.org'), 'credentials')
    assert.equal(google.tokenRequests.length, 3)
    assert.deepEqual(await addresses(), ['boss@example.org'])
  })

  it('says to come again while Google cannot be asked, and makes no account', async () => {
    google.answer = () => ({ status: 503, body: '{}' })
    refused(await knock('anna@example.org'), 'unavailable')
    assert.deepEqual(await addresses(), ['boss@example.org'])
    google.answer = undefined
    assert.ok('mailstore' in (await knock('anna@example.org')))
  })

  it('lets a Google token in to its own mailbox, and to no other', async () => {
    const { accessToken } = google.oauth.issue('ben@example.org', ['https://mail.google.com/'])
    refused(await doorman.bearer('anna@example.org', accessToken, 'imap', '192.0.2.7'), 'credentials')
    const admission = await doorman.bearer('ben@example.org', accessToken, 'imap', '192.0.2.7')
    assert.ok('mailstore' in admission)
    assert.equal(admission.address, 'ben@example.org')
    const stranger = google.oauth.issue('eve@other.test', ['https://mail.google.com/']).accessToken
    refused(await doorman.bearer('eve@other.test', stranger, 'imap', '192.0.2.7'), 'credentials')
  })

  it('gives its accounts another grant when the file says so, and takes its passwords away with it', async () => {
    await knock('anna@example.org')
    await apply([
      {
        email: '*@example.org',
        auth: { serviceAccount: principal, access: 'read' },
        passwords: [{ name: 'all', password: 'new' }],
      },
    ])
    assert.deepEqual(gone, ['example.org all'])
    const anna = (await store.accounts()).find(({ address }) => address === 'anna@example.org')
    assert.ok(anna)
    await guests.renew(anna)
    assert.equal((await loadGrant(store, anna.id))?.kind, 'keyless')
    await apply([])
    refused(await knock('anna@example.org', 'new'), 'credentials')
    assert.equal((await addresses()).length, 2)
  })
})

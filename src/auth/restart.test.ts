import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Mailstore } from '#mail/mailstore.ts'
import { systemClock } from '#mail/surroundings.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import { StoreError } from '#store/store.ts'
import { createBearerCheck } from './bearer-check.ts'
import { ChosenPasswords } from './chosen-passwords.ts'
import { createConsent } from './consent.ts'
import { createDoorman } from './doorman.ts'
import { KeyError, loadKey } from './key.ts'
import { createPasswordBook } from './password-book.ts'
import { createSeal } from './seal.ts'
import { clientId, clientSecret, startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { bookLog } from './testing/hand-clock.ts'
import { pressConsent } from './testing/person.ts'
import { createTokenManager } from './token-manager.ts'

const redirectUri = 'http://127.0.0.1:45678/oauth/callback'
const log = bookLog()
let google: GoogleForTests
let dataDir = ''

beforeEach(async () => {
  google = await startGoogle()
  dataDir = await mkdtemp(join(tmpdir(), 'postern-restart-'))
})
afterEach(async () => {
  await google.close()
  await rm(dataDir, { recursive: true })
})

async function openHouse(env: NodeJS.ProcessEnv = {}) {
  const seal = createSeal(await loadKey({ env, dataDir, randomBytes }))
  const store = await openSqliteStore({ path: join(dataDir, 'postern.db'), seal, clock: systemClock, log })
  const { endpoints } = google
  const tokens = createTokenManager({ endpoints, store, clock: systemClock, log })
  return {
    store,
    tokens,
    consent: createConsent({
      endpoints,
      client: () => ({ clientId, clientSecret }),
      store,
      tokens,
      clock: systemClock,
      randomBytes,
      log,
    }),
    passwords: createPasswordBook({ store, clock: systemClock, randomBytes }),
    doorman: createDoorman({
      store,
      mailstoreOf: (account) => ({ address: `mailstore ${account}` }) as Mailstore,
      chosen: new ChosenPasswords(),
      bearers: createBearerCheck({ endpoints, clientId: () => clientId, clock: systemClock }),
      clock: systemClock,
      log,
    }),
  }
}

/** Connects the demo account and makes a password, in a house that is then closed. */
async function connectOnce(): Promise<string> {
  const house = await openHouse()
  const begun = house.consent.begin({ redirectUri, tier: 'modify' })
  const query = await pressConsent(google.base, begun.url, 'allow')
  const signal = AbortSignal.timeout(120_000)
  const { address } = await house.consent.finish({ query, browser: begun.browser, signal })
  const { password } = await house.passwords.make(address, { name: 'laptop' })
  await house.store.close()
  return password
}

async function filesHold(needle: string): Promise<string[]> {
  const holding: string[] = []
  for (const name of await readdir(dataDir))
    if ((await readFile(join(dataDir, name))).includes(needle)) holding.push(name)
  return holding
}

describe('after a restart, with the real store', () => {
  it('the grant gives tokens, the password opens, and its use is noted', async () => {
    const password = await connectOnce()
    const house = await openHouse()
    const [account] = await house.store.accounts()
    assert.ok(account !== undefined)
    assert.notEqual(await house.tokens.sourceOf(account.id).accessToken(), '')
    const answer = await house.doorman.password('DEMO@gmail.test', password, 'imap', '192.0.2.7')
    assert.ok('mailstore' in answer && answer.passwordName === 'laptop')
    const entries = await house.passwords.list('demo@gmail.test')
    assert.equal(entries[0]?.usedFrom, '192.0.2.7')
    await house.store.close()
  })

  it('nothing secret lies readable in the data folder', async () => {
    const password = await connectOnce()
    for (const secret of [password, password.replaceAll('-', ''), clientSecret, '1//0'])
      assert.deepEqual(await filesHold(secret), [], secret)
  })

  it('another key is an error, not an empty house, and changes nothing', async () => {
    await connectOnce()
    const other = { POSTERN_KEY: randomBytes(32).toString('hex') }
    await assert.rejects(
      openHouse(other),
      (error) => error instanceof StoreError && error.kind === 'wrong-key',
    )
    await rm(join(dataDir, 'postern.key'))
    await assert.rejects(openHouse(), (error) => error instanceof KeyError)
    assert.ok(!(await readdir(dataDir)).includes('postern.key'))
  })

  it('a name is given to one password of an account only', async () => {
    await connectOnce()
    const { store, passwords } = await openHouse()
    await assert.rejects(passwords.make('demo@gmail.test', { name: 'laptop' }), /of this name already/)
    assert.equal((await passwords.make('demo@gmail.test')).name, 'mail client')
    assert.equal((await passwords.make('demo@gmail.test')).name, 'mail client 2')
    await store.close()
  })
})

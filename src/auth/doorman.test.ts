import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import { GrantError, MailError } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { createBearerCheck } from './bearer-check.ts'
import { ChosenPasswords } from './chosen-passwords.ts'
import { createDoorman } from './doorman.ts'
import { createPasswordBook } from './password-book.ts'
import type { PasswordBook } from './password-book.ts'
import { clientId, startGoogle } from './testing/google.ts'
import type { GoogleForTests } from './testing/google.ts'
import { bookLog, HandClock } from './testing/hand-clock.ts'
import { memoryStore } from './testing/memory-store.ts'

const full = 'https://mail.google.com/'
const from = '192.0.2.7'

let clock: HandClock
let store: ReturnType<typeof memoryStore>
let log: ReturnType<typeof bookLog>
let chosen: ChosenPasswords
let book: PasswordBook
let doorman: Doorman
let google: GoogleForTests | undefined
let demo: AccountId
/** What the account room answers instead of a mailstore. */
let trouble: Error | undefined
let alert: string | undefined

beforeEach(async () => {
  clock = new HandClock()
  store = memoryStore()
  log = bookLog()
  chosen = new ChosenPasswords()
  book = createPasswordBook({ store, clock, randomBytes })
  trouble = undefined
  alert = undefined
  demo = (await store.addAccount('d.emo@gmail.com')).id
  await store.addAccount('peer@work.test')
  doorman = make()
})
afterEach(async () => {
  await google?.close()
  google = undefined
})

function make(audience = clientId): Doorman {
  const endpoints = google?.endpoints ?? {
    authUrl: '',
    tokenUrl: '',
    tokenInfoUrl: 'http://127.0.0.1:9/',
    userInfoUrl: '',
    iamUrl: '',
    apiUrl: '',
  }
  return createDoorman({
    store,
    mailstoreOf(account) {
      if (trouble !== undefined) throw trouble
      return { address: `mailstore ${account}`, alert } as Mailstore
    },
    chosen,
    bearers: createBearerCheck({ endpoints, clientId: () => audience, clock }),
    clock,
    log,
  })
}

function knock(user: string, password: string, door: Door = 'imap') {
  return doorman.password(user, password, door, from)
}

function admitted(answer: Admission | Refusal): Admission {
  assert.ok('mailstore' in answer, JSON.stringify(answer))
  return answer
}

function refused(answer: Admission | Refusal, why: Refusal['refused']): string {
  assert.ok('refused' in answer, 'was let in')
  assert.equal(answer.refused, why)
  return answer.text
}

describe('the doorman', () => {
  it('lets a client password in by every spelling of the address, to its own mailbox', async () => {
    const { password, name } = await book.make('d.emo@gmail.com')
    for (const user of ['d.emo@gmail.com', 'Demo@GMAIL.com', 'demo@googlemail.com', ' d.e.m.o@gmail.com ']) {
      const admission = admitted(await knock(user, password))
      assert.equal(admission.address, 'd.emo@gmail.com')
      assert.equal(admission.passwordName, name)
      assert.equal(admission.mailstore.address, `mailstore ${demo}`)
      assert.deepEqual(admission.rights, { readOnly: false, mailboxes: undefined })
    }
  })

  it('does not forgive dots where they may matter, nor another account’s password', async () => {
    const { password } = await book.make('peer@work.test')
    admitted(await knock('PEER@work.test', password))
    refused(await knock('p.eer@work.test', password), 'credentials')
    refused(await knock('demo@gmail.com', password), 'credentials')
  })

  it('knows from where a password is good, and says nothing else to who comes from elsewhere', async () => {
    const { name, password } = await book.make('peer@work.test', {
      name: 'office',
      doors: ['smtp'],
      noDelete: true,
      sources: ['192.0.2.0/24', ' 2001:db8::/32 '],
      expiresAt: clock.now() + 1000,
    })
    const [entry] = await book.list('peer@work.test')
    assert.deepEqual(entry?.sources, ['192.0.2.0/24', '2001:db8::/32'])
    assert.equal(entry?.noDelete, true)
    const { rights, passwordName } = admitted(await knock('peer@work.test', password, 'smtp'))
    assert.equal(passwordName, name)
    assert.equal(rights.noDelete, true)
    clock.advance(1000)
    // Neither that it has expired nor that this door is not its own is told there.
    for (const door of ['smtp', 'imap'] as const) {
      const answer = await doorman.password('peer@work.test', password, door, '198.51.100.1')
      const text = refused(answer, 'credentials')
      assert.equal(text, refused(await knock('peer@work.test', 'wrong', door), 'credentials'))
      assert.equal('reason' in answer && answer.reason, 'source')
    }
    refused(await knock('peer@work.test', password, 'smtp'), 'expired')
    await assert.rejects(book.make('peer@work.test', { sources: ['example.org'] }), /addresses or networks/)
    const many = Array.from({ length: 101 }, () => '192.0.2.7')
    await assert.rejects(book.make('peer@work.test', { sources: many }), /at most 100/)
  })

  it('says the same to a stranger, an empty password and a wrong one', async () => {
    await book.make('d.emo@gmail.com')
    const texts = new Set<string>()
    for (const [user, password] of [
      ['nobody@gmail.com', 'x'],
      ['demo@gmail.com', ''],
      ['demo@gmail.com', 'abcd-efgh-ijkl-mnop'],
      ['', ''],
      ['demo@gmail.com', 'x'.repeat(100_000)],
      ['@'.repeat(100_000), 'x'],
    ] as const)
      texts.add(refused(await knock(user, password), 'credentials'))
    assert.equal(texts.size, 1)
    assert.deepEqual(log.lines, [])
  })

  it('holds a password to its doors, mailboxes and end', async () => {
    const expiresAt = clock.now() + 1000
    const { password } = await book.make('d.emo@gmail.com', {
      doors: ['imap', 'smtp'],
      readOnly: true,
      mailboxes: ['INBOX'],
      expiresAt,
    })
    assert.deepEqual(admitted(await knock('demo@gmail.com', password)).rights, {
      readOnly: true,
      mailboxes: ['INBOX'],
    })
    assert.match(refused(await knock('demo@gmail.com', password, 'pop3'), 'door'), /not for POP3/)
    assert.match(refused(await knock('demo@gmail.com', password, 'smtp'), 'door'), /cannot send/)
    clock.advance(1000)
    refused(await knock('demo@gmail.com', password), 'expired')
  })

  it('does not let a revoked password in, and tells once that it was revoked', async () => {
    const revoked: string[] = []
    const onRevoked = (address: string, name: string) => void revoked.push(`${address} ${name}`)
    const telling = createPasswordBook({ store, clock, randomBytes, onRevoked })
    const { password, name } = await telling.make('d.emo@gmail.com')
    assert.equal(await telling.revoke('demo@googlemail.com', name), true)
    assert.equal(await telling.revoke('demo@googlemail.com', name), false)
    refused(await knock('demo@gmail.com', password), 'credentials')
    assert.deepEqual(revoked, [`d.emo@gmail.com ${name}`])
  })

  it('says which capabilities a password hides, stored or chosen', async () => {
    const { password } = await book.make('d.emo@gmail.com', { hiddenCapabilities: ['x-gm-ext-1'] })
    const hiddenCapabilities = ['X-GM-EXT-1']
    const rights = { readOnly: false, mailboxes: undefined, hiddenCapabilities }
    assert.deepEqual(admitted(await knock('demo@gmail.com', password)).rights, rights)
    chosen.replace(
      new Map([
        [demo, [{ name: 'file', password: 'sesame', doors: ['imap'], expiresAt: undefined, ...rights }]],
      ]),
    )
    assert.deepEqual(admitted(await knock('demo@gmail.com', 'sesame')).rights, rights)
    for (const wrong of ['', 'two words', 'x'.repeat(100)])
      await assert.rejects(book.make('d.emo@gmail.com', { hiddenCapabilities: [wrong] }), {
        name: 'PasswordError',
      })
  })

  it('notes the last use at most once a minute, and lets in when it cannot be noted', async () => {
    const { password } = await book.make('d.emo@gmail.com')
    const usedAt = async () => (await store.clientPasswords(demo))[0]?.usedAt
    const first = clock.now()
    await knock('demo@gmail.com', password)
    assert.equal(await usedAt(), first)
    clock.advance(59_999)
    await knock('demo@gmail.com', password)
    assert.equal(await usedAt(), first)
    clock.advance(1)
    await knock('demo@gmail.com', password)
    assert.equal(await usedAt(), first + 60_000)
    clock.advance(60_000)
    store.failing = true
    admitted(await knock('demo@gmail.com', password))
  })

  it('knows the passwords of the accounts file exactly as they are written, until they are replaced', async () => {
    const rights = {
      name: 'laptop',
      doors: ['imap'] as const,
      readOnly: true,
      mailboxes: undefined,
      expiresAt: undefined,
    }
    chosen.replace(new Map([[demo, [{ ...rights, password: 'Very secret-1' }]]]))
    const admission = admitted(await knock('demo@gmail.com', 'Very secret-1'))
    assert.equal(admission.passwordName, 'laptop')
    assert.equal(admission.rights.readOnly, true)
    for (const wrong of ['very secret-1', 'Verysecret1', 'Very secret-1 '])
      refused(await knock('demo@gmail.com', wrong), 'credentials')
    refused(await knock('peer@work.test', 'Very secret-1'), 'credentials')
    chosen.replace(new Map())
    refused(await knock('demo@gmail.com', 'Very secret-1'), 'credentials')
  })

  it('tells an ended grant and a mailbox that cannot be had, but only to who knows the password', async () => {
    const { password } = await book.make('d.emo@gmail.com')
    alert = 'Connect again: http://127.0.0.1:8025/'
    assert.equal(refused(await knock('demo@gmail.com', password), 'grant-ended'), alert)
    refused(await knock('demo@gmail.com', 'wrong'), 'credentials')
    alert = undefined
    trouble = new GrantError('revoked-or-expired', 'Ended')
    assert.equal(refused(await knock('demo@gmail.com', password), 'grant-ended'), 'Ended')
    trouble = new MailError('unavailable', 'Not now')
    assert.equal(refused(await knock('demo@gmail.com', password), 'unavailable'), 'Not now')
    trouble = new TypeError('a bug with secret details')
    assert.doesNotMatch(refused(await knock('demo@gmail.com', password), 'unavailable'), /bug/)
  })
})

async function start(): Promise<GoogleForTests> {
  google = await startGoogle(['d.emo@gmail.com', 'peer@work.test'])
  doorman = make()
  return google
}

function show(user: string, token: string, door: Door = 'imap') {
  return doorman.bearer(user, token, door, from)
}

describe('a Google access token at the door', () => {
  it('opens the mailbox it was given for, and no other', async () => {
    const { oauth } = await start()
    const { accessToken } = oauth.issue('d.emo@gmail.com', [full])
    const admission = admitted(await show('demo@googlemail.com', accessToken))
    assert.equal(admission.passwordName, 'oauth')
    assert.equal(admission.address, 'd.emo@gmail.com')
    admitted(await show('demo@gmail.com', accessToken, 'smtp'))
    refused(await show('peer@work.test', accessToken), 'credentials')
    refused(await show('nobody@work.test', accessToken), 'credentials')
  })

  it('counts the verified address of a token that has one', async () => {
    const { oauth } = await start()
    const scopes = [full, 'https://www.googleapis.com/auth/userinfo.email']
    const { accessToken } = oauth.issue('peer@work.test', scopes)
    admitted(await show('peer@work.test', accessToken))
  })

  it('holds a token to its scopes', async () => {
    const { oauth } = await start()
    const read = oauth.issue('peer@work.test', ['https://www.googleapis.com/auth/gmail.readonly']).accessToken
    assert.equal(admitted(await show('peer@work.test', read)).rights.readOnly, true)
    refused(await show('peer@work.test', read, 'smtp'), 'door')
    const email = oauth.issue('peer@work.test', [
      'https://www.googleapis.com/auth/userinfo.email',
    ]).accessToken
    refused(await show('peer@work.test', email), 'credentials')
  })

  it('refuses a token that another program was given', async () => {
    const { oauth } = await start()
    doorman = make('other.apps.test')
    const { accessToken } = oauth.issue('peer@work.test', [full])
    refused(await show('peer@work.test', accessToken), 'credentials')
  })

  it('refuses junk without throwing, and asks Google once for a token that is good', async () => {
    const { oauth } = await start()
    for (const junk of ['', 'ya29.unknown', 'a\r\nb', 'x'.repeat(10_000)])
      refused(await show('peer@work.test', junk), 'credentials')
    const { accessToken } = oauth.issue('peer@work.test', [full])
    admitted(await show('peer@work.test', accessToken))
    oauth.revokeAll('peer@work.test')
    admitted(await show('peer@work.test', accessToken))
    clock.advance(3600_000)
    refused(await show('peer@work.test', accessToken), 'credentials')
  })

  it('says unavailable when Google cannot be asked', async () => {
    const { oauth } = await start()
    const { accessToken } = oauth.issue('peer@work.test', [full])
    await google?.close()
    refused(await show('peer@work.test', accessToken), 'unavailable')
    assert.ok(!log.lines.join('\n').includes(accessToken))
  })
})

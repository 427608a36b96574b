import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bookLog, HandClock } from '#auth/testing/hand-clock.ts'
import { GmailError } from '#gmail/gmail.ts'
import { GrantError, MailError } from '#mail/errors.ts'
import { StoreError } from '#store/store.ts'
import { byMessage, troubleOf } from './sentences.ts'
import { TroubleBook } from './trouble-book.ts'
import { troubleLog } from './trouble-log.ts'

test('every error that a person can do something about has a sentence and a way out', () => {
  for (const [err, pattern] of [
    [new GmailError('unavailable', 'x'), /could not be reached/],
    [new GmailError('throttled', 'x'), /slow down/],
    [new GmailError('forbidden', 'x'), /refused something/],
    [new GrantError('revoked-or-expired', 'x'), /ended the access/],
    [new MailError('storage', 'x'), /could not be written/],
    [new StoreError('disk', 'x'), /could not be written/],
    [new StoreError('damaged', 'x'), /damaged/],
    [new StoreError('unreachable', 'x'), /database could not be reached/],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), /could not be written/],
  ] as const) {
    const said = troubleOf('warn', { err }, 'Synchronising has to wait')
    assert.match(said?.text ?? '', pattern)
    assert.notEqual(said?.advice, '')
  }
})

function refusal(fields: object): string | undefined {
  return troubleOf('info', fields, 'login refused')?.text
}

test('a refused login is told by its true reason', () => {
  assert.match(refusal({ refused: 'credentials' }) ?? '', /user name or password is wrong/)
  assert.match(refusal({ refused: 'credentials', reason: 'source' }) ?? '', /not good from where it is/)
  assert.match(refusal({ refused: 'expired' }) ?? '', /has expired/)
  assert.match(refusal({ refused: 'door', reason: 'access' }) ?? '', /access given to this mailbox/)
  assert.match(refusal({ refused: 'door' }) ?? '', /does not open this protocol/)
  assert.equal(refusal({ refused: 'grant-ended' }), undefined)
})

test('what a person need not know is not told, and a fault of ours always', () => {
  assert.equal(troubleOf('warn', { err: new Error('sesame') }, 'a look failed'), undefined)
  assert.equal(troubleOf('info', {}, 'session opened'), undefined)
  const said = troubleOf('error', { err: new Error('sesame') }, 'an IMAP command failed')
  assert.match(said?.text ?? '', /inside Postern/)
  assert.doesNotMatch(JSON.stringify(said), /sesame/)
})

test('the words that are looked for are words that are logged', () => {
  const root = join(import.meta.dirname, '../..')
  const text = globSync('{account,auth,imap,pop3,smtp,web,wire}/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('')
  for (const message of byMessage.keys()) assert.ok(text.includes(`'${message}'`), message)
})

test('troubles are noted with their account, the newest first, and counted when they come again', () => {
  const clock = new HandClock()
  const book = new TroubleBook(clock)
  const log = troubleLog(bookLog(), book)
  const ofTwo = log.child({ account: 2 }).child({ session: 'x' })
  ofTwo.warn({ err: new GmailError('unavailable', 'x') }, 'Synchronising has to wait')
  clock.advance(1000)
  log.info({ account: 2, refused: 'credentials', door: 'imap', remoteAddress: '::1' }, 'login refused')
  log.warn({}, 'no room for one more connection')
  clock.advance(1000)
  ofTwo.warn({ err: new GmailError('unavailable', 'x') }, 'Synchronising has to wait')
  log.info({}, 'nothing')
  const told = book.newestFirst()
  assert.deepEqual(
    told.map(({ account, times, detail }) => ({ account, times, detail })),
    [
      { account: 2, times: 2, detail: undefined },
      { account: undefined, times: 1, detail: undefined },
      { account: 2, times: 1, detail: 'IMAP from ::1' },
    ],
  )
  assert.equal(told[0]?.at, clock.now())
})

test('ten are kept for each account and a hundred in all, the newest', () => {
  const book = new TroubleBook(new HandClock())
  for (let account = 1; account <= 20; account++)
    for (let number = 1; number <= 12; number++) book.note(account, { text: `${number}`, advice: '' })
  const kept = book.newestFirst()
  assert.equal(kept.length, 100)
  assert.deepEqual(
    kept.slice(0, 11).map(({ account, text }) => `${account}: ${text}`),
    ['12', '11', '10', '9', '8', '7', '6', '5', '4', '3'].map((text) => `20: ${text}`).concat('19: 12'),
  )
})

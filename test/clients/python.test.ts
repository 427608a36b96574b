import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { without } from '#test/program.ts'
import { bySubject, letter, openDesk, type Desk } from './desk.ts'

const limits = { skip: without('python3'), timeout: 180_000 }

/** Runs a script of this folder against a door; gives what it says that it saw. */
async function tour(desk: Desk, name: string, door: { host: string; port: number } | undefined) {
  assert.ok(door)
  const { user, password } = desk.ready.account
  const authority = join(desk.home, '.config/postern/authority.pem')
  const args = [join(import.meta.dirname, name), door.host, String(door.port), user, authority]
  return JSON.parse(await desk.done('python3', args, `${password}\n`)) as Record<string, unknown>
}

test('imaplib of Python makes a tour of the mailbox', limits, async () => {
  const utf8 = Buffer.from('größer als klein').toString('latin1')
  await using desk = await openDesk([
    ['INBOX', letter('one')],
    ['INBOX', letter('two', utf8)],
    ['INBOX', letter('three')],
    ['Work', letter('at work')],
  ])
  const gmails = ['All Mail', 'Drafts', 'Important', 'Sent Mail', 'Spam', 'Starred', 'Trash']
  assert.deepEqual(await tour(desk, 'python-imap.py', desk.ready.imaps), {
    namespace: '(("" "/")) NIL NIL',
    mailboxes: ['INBOX', 'Work', '[Gmail]', ...gmails.map((name) => `[Gmail]/${name}`)],
    lsub: true,
    exists: 3,
    subject: 'one',
    size: letter('one').length,
    piece: true,
    half: 'This ',
    found: '2',
    foundUtf8: '2',
    foundUid: '1 2 3',
    sorted: '2 3 1',
    threads: '(1)(2)(3)',
    snakes: String.raw`2 (UID 2 FLAGS (\Answered \Seen \Recent))`,
    appended: true,
    expunged: ['2'],
    status: '"INBOX" (MESSAGES 2 UNSEEN 1)',
    utf8: true,
    examined: 2,
    readOnly: true,
    deleted: true,
  })
  const after = await desk.atGmail()
  assert.deepEqual(bySubject(after, 'one').labels, ['INBOX', 'STARRED', 'UNREAD'])
  assert.deepEqual(bySubject(after, 'two').labels, ['INBOX'])
  // Its label was deleted.
  assert.deepEqual(bySubject(after, 'three').labels, ['UNREAD'])
})

test('poplib of Python retrieves, deletes, and finds the rest under the same names', limits, async () => {
  await using desk = await openDesk([
    ['INBOX', letter('one', '.\r\n..two\r\n.three')],
    ['INBOX', letter('two')],
    ['INBOX', letter('three')],
  ])
  const { capabilities, ...seen } = await tour(desk, 'python-pop.py', desk.ready.pop3)
  for (const word of ['SASL', 'TOP', 'UIDL', 'STLS', 'PIPELINING', 'UTF8'])
    assert.ok((capabilities as string[]).includes(word), word)
  assert.deepEqual(seen, {
    count: 3,
    sizesAdd: true,
    uid: true,
    exact: true,
    dots: ['.', '..two', '.three'],
    top: '',
    later: [true, true],
    absent: '-ERR',
  })
})

test('what the guide gives to a script in Python lists the unread subjects', limits, async () => {
  await using desk = await openDesk([
    ['INBOX', letter('one')],
    ['INBOX', letter('two')],
  ])
  const said = await desk.done('python3', ['-c', desk.snippet('script', 'List unread subjects with Python')])
  assert.deepEqual(
    said.match(/Subject: .*/g)?.map((line) => line.trim()),
    ['Subject: one', 'Subject: two'],
  )
})

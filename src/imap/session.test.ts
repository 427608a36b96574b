import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, threeMessages, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

/** A client that has read the greeting. */
async function greeted(house: House, secure = false): Promise<RawClient> {
  const port = secure ? house.imapsPort : house.imapPort
  const client = await RawClient.connect({ host: house.host, port }, secure)
  await client.until(/^\* OK .*\r\n/)
  return client
}

async function loggedIn(house: House): Promise<RawClient> {
  const client = await greeted(house)
  await client.command('l', `LOGIN ${user} "${password}"`)
  return client
}

async function selected(house: House, name = 'INBOX'): Promise<RawClient> {
  const client = await loggedIn(house)
  await client.command('s', `SELECT ${name}`)
  return client
}

test('the greeting says what can be done before login, and LOGIN what can be done after', async () => {
  await using house = await openHouse()
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  const greeting = await client.until(/\r\n/)
  assert.match(
    greeting,
    /^\* OK \[CAPABILITY IMAP4rev1 [^\]]*STARTTLS[^\]]*AUTH=PLAIN[^\]]*\] Postern ready\r\n$/,
  )
  const answer = await client.command('a1', `login ${user} "${password}"`)
  assert.match(answer, /^a1 OK \[CAPABILITY IMAP4rev1 [^\]]*NAMESPACE[^\]]*\] Logged in\r\n$/)
  assert.doesNotMatch(answer, /STARTTLS|AUTH=/)
  assert.match(
    await client.command('a2', 'CAPABILITY'),
    /^\* CAPABILITY IMAP4rev1 .*\r\na2 OK CAPABILITY completed\r\n$/,
  )
})

test('SELECT tells everything RFC 9051 section 6.3.2 wants, UIDs and the first unseen message', async () => {
  await using house = await openHouse({
    mailboxes: [
      {
        name: 'INBOX',
        messages: [{ ...threeMessages[0]!, flags: ['\\Seen', 'Work'] }, threeMessages[1]!, threeMessages[2]!],
      },
    ],
  })
  using client = await loggedIn(house)
  const answer = await client.command('a', 'SELECT inbox')
  assert.deepEqual(answer.split('\r\n'), [
    '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Important $Forwarded $MDNSent Work)',
    '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Important $Forwarded $MDNSent Work \\*)] Flags and keywords are kept',
    '* 3 EXISTS',
    '* 0 RECENT',
    '* OK [UNSEEN 2] First unseen',
    '* OK [UIDVALIDITY 1700000001] UIDs valid',
    '* OK [UIDNEXT 4] Predicted next UID',
    '* OK [HIGHESTMODSEQ 4] Highest',
    '* OK [MAILBOXID (F1)] Never used again',
    'a OK [READ-WRITE] Opened',
    '',
  ])
  assert.match(await client.command('b', 'EXAMINE INBOX'), /PERMANENTFLAGS \(\)[\s\S]*b OK \[READ-ONLY\]/)
})

test('a SELECT that fails leaves nothing selected', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  assert.match(
    await client.command('a', 'SELECT Nowhere'),
    /^\* OK \[CLOSED\] [^\r]*\r\na NO \[NONEXISTENT\]/,
  )
  assert.match(await client.command('b', 'CHECK'), /^b BAD Select a mailbox first/)
})

test('a read-only login gets READ-ONLY from SELECT, and NO from STORE', async () => {
  await using house = await openHouse({ rights: { readOnly: true } })
  using client = await loggedIn(house)
  assert.match(await client.command('a', 'SELECT INBOX'), /a OK \[READ-ONLY\]/)
  assert.match(await client.command('b', 'STORE 1 +FLAGS (\\Seen)'), /^b NO \[NOPERM\]/)
  assert.equal(house.mailstore.flagsOf('INBOX', 1), '')
})

test('a login for one mailbox cannot select another', async () => {
  await using house = await openHouse({
    mailboxes: [{ name: 'INBOX' }, { name: 'Secret' }],
    rights: { mailboxes: ['INBOX'] },
  })
  using client = await loggedIn(house)
  assert.match(await client.command('a', 'SELECT Secret'), /^a NO \[NONEXISTENT\]/)
  assert.match(await client.command('b', 'SELECT INBOX'), /b OK/)
})

test('the state is checked before the arguments, and unknown commands are BAD', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  assert.match(await client.command('a', 'SELECT ((('), /^a BAD Log in first/)
  assert.match(await client.command('b', 'XYZZY'), /^b BAD There is no such command/)
  await client.command('c', `LOGIN ${user} "${password}"`)
  assert.match(await client.command('d', `LOGIN ${user} "${password}"`), /^d BAD You have logged in already/)
  assert.match(await client.command('e', 'UID NOOP'), /^e BAD There is no such command/)
})

test('IDLE tells new mail, flags and removals, and takes the next command from the same packet as DONE', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  client.send('i IDLE\r\n')
  await client.until(/^\+ .*\r\n/)
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  assert.equal(await client.until(/\r\n/), '* 4 EXISTS\r\n')
  house.mailstore.setFlags('INBOX', 2, ['\\Seen'])
  assert.equal(await client.until(/\r\n/), '* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n')
  house.mailstore.remove('INBOX', 1)
  assert.equal(await client.until(/\r\n/), '* 1 EXPUNGE\r\n')
  client.send('DONE\r\nn NOOP\r\n')
  assert.match(await client.until(/n OK.*\r\n/), /^i OK IDLE completed\r\nn OK NOOP completed\r\n$/)
})

test('IDLE works before a mailbox is selected, and ends with BAD on anything but DONE', async () => {
  await using house = await openHouse()
  using client = await loggedIn(house)
  client.send('i IDLE\r\n')
  await client.until(/^\+ .*\r\n/)
  client.send('NOOP\r\n')
  assert.match(await client.until(/i .*\r\n/), /^i BAD/)
})

test('pipelined commands are answered in order, also when the client says at once that no more comes', async () => {
  await using house = await openHouse()
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  const commands = Array.from({ length: 500 }, (_, i) => `n${i} NOOP\r\n`).join('')
  client.finish(`a LOGIN ${user} "${password}"\r\nb SELECT INBOX\r\n${commands}z LOGOUT\r\n`)
  const text = await client.ended()
  const tags = [...text.matchAll(/^([a-z]\d*) OK/gm)].map(([, tag]) => tag)
  assert.deepEqual(tags, ['a', 'b', ...Array.from({ length: 500 }, (_, i) => `n${i}`), 'z'])
})

test('a removal is held back while sequence numbers are in use, and told by the next command that may', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  house.mailstore.remove('INBOX', 1)
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  const stored = await client.command('a', 'STORE 2 +FLAGS (\\Flagged)')
  assert.equal(stored, '* 2 FETCH (FLAGS (\\Flagged))\r\n* 4 EXISTS\r\na OK STORE completed\r\n')
  assert.equal(house.mailstore.flagsOf('INBOX', 2), '\\Flagged')
  const next = await client.command('b', 'UID STORE 3 +FLAGS.SILENT (\\Seen)')
  assert.equal(next, '* 1 EXPUNGE\r\nb OK UID STORE completed\r\n')
})

test('STORE sets, adds and removes, announces a new keyword first, and is silent when asked', async () => {
  await using house = await openHouse()
  using client = await selected(house)
  const first = await client.command('a', 'STORE 1:2 FLAGS (\\Seen Work)')
  assert.match(
    first,
    /^\* FLAGS \([^)]* Work\)\r\n\* OK \[PERMANENTFLAGS .*\r\n\* 1 FETCH \(FLAGS \(\\Seen Work\)\)\r\n\* 2 FETCH/,
  )
  assert.equal(
    await client.command('b', 'UID STORE 1 -FLAGS \\Seen work'),
    '* 1 FETCH (UID 1 FLAGS ())\r\nb OK UID STORE completed\r\n',
  )
  assert.equal(await client.command('c', 'STORE 1 +FLAGS.SILENT (\\Deleted)'), 'c OK STORE completed\r\n')
  assert.equal(house.mailstore.flagsOf('INBOX', 1), '\\Deleted')
  assert.equal(await client.command('d', 'NOOP'), 'd OK NOOP completed\r\n')
  assert.match(await client.command('e', 'STORE 9 +FLAGS (\\Seen)'), /^e BAD There is no message/)
  assert.match(await client.command('f', 'STORE 1 +FLAGS (\\Sideways)'), /^f BAD This system flag/)
})

test('another session hears of a STORE, the one that asked does not hear of it twice', async () => {
  await using house = await openHouse()
  using one = await selected(house)
  using two = await selected(house)
  two.send('i IDLE\r\n')
  await two.until(/^\+ .*\r\n/)
  assert.equal(
    await one.command('a', 'STORE 3 +FLAGS (\\Seen)'),
    '* 3 FETCH (FLAGS (\\Seen))\r\na OK STORE completed\r\n',
  )
  assert.equal(await two.until(/\r\n/), '* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n')
})

test('a mailbox that ceases to exist ends the session that has it open, in IDLE at once', async () => {
  await using house = await openHouse({ mailboxes: [{ name: 'INBOX' }, { name: 'Label' }] })
  using client = await selected(house, 'Label')
  client.send('i IDLE\r\n')
  await client.until(/^\+ .*\r\n/)
  house.mailstore.removeMailbox('Label')
  assert.match(await client.ended(), /\* BYE The mailbox was removed\r\n$/)
})

test('ENABLE takes anything and names what is switched on', async () => {
  await using house = await openHouse()
  using client = await loggedIn(house)
  assert.equal(
    await client.command('a', 'ENABLE QRESYNC utf8=accept X-NONSENSE'),
    '* ENABLED QRESYNC UTF8=ACCEPT\r\na OK ENABLE completed\r\n',
  )
  assert.equal(
    await client.command('b', 'ENABLE UTF8=ACCEPT'),
    '* ENABLED UTF8=ACCEPT\r\nb OK ENABLE completed\r\n',
  )
})

test('ID is answered before login, and the sessions show what the client says it is', async () => {
  await using house = await openHouse()
  using client = await greeted(house)
  const answer = await client.command('a', 'ID ("name" "Mail\\"er" "version" "1.0" "os" NIL)')
  assert.equal(answer, '* ID ("name" "Postern")\r\na OK ID completed\r\n')
  assert.match(await client.command('b', 'ID NIL'), /b OK/)
  assert.match(await client.command('c', 'ID ("name")'), /c BAD/)
  assert.equal(house.server.sessions()[0]?.mailbox, undefined)
})

test(
  'a long silence is broken by INPROGRESS with the tag of the command',
  { timeout: 180_000 },
  async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    await using house = await openHouse()
    const opened = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    house.mailstore.openGate = () => {
      asked.resolve()
      return opened.promise
    }
    using client = await loggedIn(house)
    client.send('x1 SELECT INBOX\r\n')
    await asked.promise
    t.mock.timers.tick(9_900)
    assert.equal(await client.until(/\r\n/), '* OK [INPROGRESS ("x1" NIL NIL)] Still working\r\n')
    opened.resolve()
    assert.match(await client.until(/x1 OK.*\r\n/), /\* 3 EXISTS/)
  },
)

test('errors of the mailstore become NO with their code, bugs become SERVERBUG and a log line', async () => {
  const { MailError } = await import('#mail/errors.ts')
  await using house = await openHouse()
  using client = await loggedIn(house)
  house.mailstore.trouble = new MailError('unavailable', 'Gmail is away]\r\n* BYE injected')
  assert.match(
    await client.command('a', 'SELECT INBOX'),
    /^a NO \[UNAVAILABLE\] Gmail is away\] \* BYE injected\r\n$/,
  )
  house.mailstore.trouble = new MailError('grant-ended', 'Connect again at http://127.0.0.1:8025/')
  assert.match(await client.command('b', 'SELECT INBOX'), /^b NO \[ALERT\] Connect again at/)
  house.mailstore.trouble = new TypeError('secret detail')
  const bug = await client.command('c', 'SELECT INBOX')
  assert.match(bug, /^c NO \[SERVERBUG\]/)
  assert.doesNotMatch(bug, /secret detail/)
  assert.ok(house.logged.some((line) => line.includes('secret detail')))
})

test('an alert of the mailstore is told once', async () => {
  await using house = await openHouse()
  using client = await loggedIn(house)
  house.mailstore.alert = 'Connect again'
  assert.equal(await client.command('a', 'NOOP'), '* NO [ALERT] Connect again\r\na OK NOOP completed\r\n')
  assert.equal(await client.command('b', 'NOOP'), 'b OK NOOP completed\r\n')
})

test('closing says BYE to who waits, lets go who works, and gives everything back', async () => {
  const house = await openHouse()
  using idle = await selected(house)
  using quiet = await loggedIn(house)
  idle.send('i IDLE\r\n')
  await idle.until(/^\+ .*\r\n/)
  assert.equal(house.mailstore.attached, 2)
  await house.server.close()
  assert.match(await idle.ended(), /\* BYE \[UNAVAILABLE\] Postern is shutting down\r\n$/)
  assert.match(await quiet.ended(), /^\* BYE \[UNAVAILABLE\]/)
  assert.equal(house.mailstore.attached, 0)
  assert.deepEqual(house.server.sessions(), [])
})

test('the log has neither passwords nor strings', async () => {
  await using house = await openHouse()
  using client = await loggedIn(house)
  await client.command('a', 'EXAMINE "Very private"')
  await client.command('b', `XLOGIN ${user} topsecret`)
  const text = house.logged.join('\n')
  assert.match(text, /EXAMINE/)
  assert.doesNotMatch(text, /private|abcd|topsecret/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { openPopHouse, password, threeMessages, user } from './testing/pop-house.ts'

const sizes = threeMessages.map(({ bytes }) => bytes.length)
const total = sizes.reduce((sum, size) => sum + size, 0)

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test('a client logs in, looks, retrieves and leaves', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  assert.equal(client.greeting, '+OK Postern ready\r\n')
  assert.match(await client.ask(`user ${user}`), /^\+OK/)
  assert.equal(await client.ask(`pass ${password}`), `+OK 3 messages (${total} octets)`)
  assert.equal(await client.ask('STAT'), `+OK 3 ${total}`)
  assert.deepEqual(
    await client.lines('LIST'),
    sizes.map((size, index) => `${index + 1} ${size}`),
  )
  assert.equal(await client.ask('LIST 2'), `+OK 2 ${sizes[1]}`)
  assert.equal(await client.ask('UIDL 3'), '+OK 3 GmailId18c000000003')
  assert.deepEqual(await client.lines('UIDL'), [
    '1 GmailId18c000000001',
    '2 GmailId18c000000002',
    '3 GmailId18c000000003',
  ])
  assert.equal(await client.text('RETR 2'), threeMessages[1]?.bytes)
  assert.equal(await client.text('TOP 1 0'), threeMessages[0]?.bytes.replace(/\r\n\r\n[^]*/, '\r\n\r\n'))
  assert.equal(await client.ask('NOOP'), '+OK')
  assert.equal(house.mailstore.attached, 1)
  assert.match(await client.ask('QUIT'), /^\+OK/)
  assert.equal(await client.raw.ended(), '')
  assert.equal(house.mailstore.attached, 0)
})

test('CAPA says what works in each state, and STLS only where TLS is not in use', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  const common = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING']
  const rest = ['UTF8 USER', 'LANG']
  const login = ['USER', 'SASL PLAIN LOGIN XOAUTH2 OAUTHBEARER']
  assert.deepEqual(await client.lines('CAPA'), [
    ...common,
    'EXPIRE 0 USER',
    ...rest,
    ...login,
    'STLS',
    'IMPLEMENTATION Postern',
  ])
  assert.match(await client.ask('STLS'), /^\+OK/)
  await client.raw.startTls()
  assert.deepEqual(await client.lines('CAPA'), [
    ...common,
    'EXPIRE 0 USER',
    ...rest,
    ...login,
    'IMPLEMENTATION Postern',
  ])
  await client.logIn(user, password)
  assert.deepEqual(await client.lines('capa'), [...common, 'EXPIRE 0', ...rest, 'IMPLEMENTATION Postern'])
  assert.match(await client.ask('STLS'), /^-ERR You have logged in already/)
})

test('EXPIRE is NEVER for recent: and where nothing is withdrawn', async () => {
  await using house = await openPopHouse()
  using recent = await house.inside(`recent:${user}`)
  assert.ok((await recent.lines('CAPA')).includes('EXPIRE NEVER'))
  await using keeping = await openPopHouse({ server: { poppedOnce: false } })
  using client = await keeping.client()
  assert.ok((await client.lines('CAPA')).includes('EXPIRE NEVER'))
})

test('what is sent before the TLS handshake does not count after it', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  client.raw.send(`STLS\r\nUSER ${user}\r\nPASS ${password}\r\n`)
  assert.match(await client.line(), /^\+OK Begin TLS/)
  await client.raw.startTls()
  assert.match(await client.ask('STAT'), /^-ERR Log in first/)
  assert.deepEqual(house.asked, [])
})

test('the TLS port works from the first octet', async () => {
  await using house = await openPopHouse()
  using client = await house.client(true)
  await client.logIn(user, password)
  assert.equal(await client.text('RETR 1'), threeMessages[0]?.bytes)
  assert.match(await client.ask('STLS'), /^-ERR/)
})

test('all mechanisms let in, in one step and in several', async () => {
  const plain = base64(`\0${user}\0${password}`)
  const xoauth2 = base64(`user=${user}\x01auth=Bearer ya29.right\x01\x01`)
  const bearer = base64(`n,a=${user},\x01host=h\x01port=1\x01auth=Bearer ya29.right\x01\x01`)
  const dialogues: string[][] = [
    [`AUTH PLAIN ${plain}`],
    ['auth plain', plain],
    ['AUTH LOGIN', base64(user), base64(password)],
    [`AUTH XOAUTH2 ${xoauth2}`],
    ['AUTH XOAUTH2', xoauth2],
    [`AUTH OAUTHBEARER ${bearer}`],
  ]
  for (const dialogue of dialogues) {
    await using house = await openPopHouse()
    using client = await house.client()
    for (const line of dialogue.slice(0, -1)) assert.match(await client.ask(line), /^\+ /, line)
    assert.match(await client.ask(dialogue.at(-1) ?? ''), /^\+OK 3 messages/)
  }
})

test('a mechanism may ask for another mailbox, too', async () => {
  await using house = await openPopHouse({
    mailboxes: [{ name: 'INBOX' }, { name: 'Work', messages: threeMessages }],
  })
  using client = await house.client()
  const plain = Buffer.from(`\0recent:${user}/Work\0${password}`).toString('base64')
  // The messages of the test are older than 30 days of the real clock, or will be.
  assert.match(await client.ask(`AUTH PLAIN ${plain}`), /^\+OK \d messages/)
  assert.deepEqual(house.asked, [`password ${user}`])
})

test('AUTH refuses what it does not know, what is not base64, and what was cancelled', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  assert.deepEqual(await client.lines('AUTH'), ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'])
  assert.match(await client.ask('AUTH CRAM-MD5'), /^-ERR This mechanism is not known/)
  assert.match(await client.ask('AUTH PLAIN ***'), /^-ERR .*base64/)
  assert.match(await client.ask('AUTH PLAIN'), /^\+ $/)
  assert.match(await client.ask('*'), /^-ERR The exchange was cancelled/)
  assert.match(await client.ask('AUTH PLAIN = x'), /^-ERR There are more arguments/)
  const wrong = Buffer.from(`user=${user}\x01auth=Bearer ya29.wrong\x01\x01`).toString('base64')
  assert.match(await client.ask(`AUTH XOAUTH2 ${wrong}`), /^\+ eyJ/)
  assert.match(await client.ask(''), /^-ERR \[AUTH\]/)
})

test('a refusal says why, and only a wrong password makes a client ask for another one', async () => {
  const codes = {
    credentials: '[AUTH]',
    door: '[AUTH]',
    expired: '[AUTH]',
    'grant-ended': '[SYS/PERM]',
    unavailable: '[SYS/TEMP]',
  } as const
  for (const [refused, code] of Object.entries(codes)) {
    await using house = await openPopHouse({
      refusal: { refused: refused as keyof typeof codes, text: 'This is why' },
    })
    using client = await house.client()
    await client.ask(`USER ${user}`)
    assert.equal(await client.ask(`PASS ${password}`), `-ERR ${code} This is why`)
    assert.match(await client.ask(`PASS ${password}`), /^-ERR USER comes before PASS/)
  }
})

test('a password may hold spaces, at its end too, and the log has neither', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  await client.ask(`USER ${user}`)
  assert.match(await client.ask(`PASS ${password} `), /^-ERR \[AUTH\]/)
  await client.logIn(user, password)
  client.raw.send(`PASSWORD ${password}\r\n`)
  await client.line()
  assert.doesNotMatch(house.logged.join('\n'), /abcd|mnop/)
})

test('commands are lawful in their state only, and unknown ones are refused', async () => {
  await using house = await openPopHouse()
  for (const line of ['STAT', 'LIST', 'UIDL', 'RETR 1', 'TOP 1 1', 'DELE 1', 'RSET']) {
    using client = await house.client()
    assert.match(await client.ask(line), /^-ERR Log in first/)
  }
  using client = await house.inside()
  for (const line of [`USER ${user}`, 'PASS x', 'AUTH PLAIN', 'STLS', 'UTF8'])
    assert.match(await client.ask(line), /^-ERR You have logged in already/)
  for (const line of ['XYZZY', '', 'LAST', 'APOP a b', 'STATUS'])
    assert.match(await client.ask(line), /^-ERR There is no such command/)
})

test('numbers of messages must be numbers of messages', async () => {
  await using house = await openPopHouse({ server: { limits: { bad: 100 } } })
  using client = await house.inside()
  for (const number of ['0', '4', '4294967296', '9999999999'])
    for (const name of ['RETR', 'DELE', 'LIST', 'UIDL'])
      assert.match(await client.ask(`${name} ${number}`), /^-ERR There is no such message/)
  for (const number of ['-1', '1.0', '1e0', '0x1', '99999999999', 'x', '１'])
    for (const name of ['RETR', 'DELE', 'LIST', 'UIDL'])
      assert.match(await client.ask(`${name} ${number}`), /^-ERR A message number must be/)
  for (const line of [
    'RETR',
    'DELE',
    'TOP 1',
    'TOP',
    'TOP 1 -1',
    'TOP 1 1 1',
    'STAT 1',
    'RETR 1 2',
    'LIST 1 2',
  ])
    assert.match(await client.ask(line), /^-ERR/, line)
  assert.match(await client.ask('RETR  1'), /^\+OK/)
  assert.equal(await client.body(), threeMessages[0]?.bytes)
  assert.match(await client.ask('STAT '), /^\+OK 3/)
})

test('UTF8 and LANG are understood', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  assert.match(await client.ask('UTF8'), /^\+OK/)
  assert.deepEqual(
    (await client.lines('LANG')).map((line) => line.split(' ')[0]),
    ['i-default', 'en'],
  )
  assert.match(await client.ask('LANG EN'), /^\+OK en /)
  assert.match(await client.ask('LANG *'), /^\+OK/)
  assert.match(await client.ask('LANG fr'), /^-ERR/)
})

test('82 RETRs at once are answered in order', async () => {
  const messages = Array.from({ length: 82 }, (_, index) => ({
    bytes: `Subject: ${index}\r\n\r\n${'x'.repeat(index * 500)}\r\n.\r\n`,
  }))
  await using house = await openPopHouse({ mailboxes: [{ name: 'INBOX', messages }] })
  using client = await house.inside()
  client.raw.send(messages.map((_, index) => `RETR ${index + 1}\r\n`).join(''))
  for (const { bytes } of messages) {
    assert.equal(await client.line(), `+OK ${bytes.length} octets`)
    assert.equal(await client.body(), bytes)
  }
  const read = house.mailstore.bodiesRead
  assert.equal(read.length, 82, 'no message is read twice')
})

test('a client that asks for one message makes us read one', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  await client.text('RETR 2')
  assert.equal(house.mailstore.bodiesRead.length, 1)
  await client.text('RETR 3')
  await client.text('TOP 1 5')
  assert.equal(house.mailstore.bodiesRead.length, 3)
})

test('commands and the end sent together are answered, and the QUIT among them counts', async () => {
  await using house = await openPopHouse()
  using client = await house.client()
  client.raw.finish(`USER ${user}\r\nPASS ${password}\r\nDELE 1\r\nQUIT\r\n`)
  assert.match(await client.raw.ended(), /^\+OK [^\n]*\n\+OK 3 [^\n]*\n\+OK Message 1[^\n]*\n\+OK/)
  assert.deepEqual(house.keeper.updates[0]?.change.deleted, [house.mailstore.keyOf('INBOX', 1)])
})

test('a message that is gone is refused, and the session goes on', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  const gone = house.mailstore.keyOf('INBOX', 2)
  house.mailstore.gate = async (key) => {
    if (key === gone) throw new MailError('expunged', 'The message is gone')
  }
  assert.equal(await client.ask('RETR 2'), '-ERR The message is gone')
  assert.equal(await client.ask('TOP 2 1'), '-ERR The message is gone')
  assert.equal(await client.text('RETR 3'), threeMessages[2]?.bytes)
})

test('while Gmail cannot be reached, that is said, and what is here is served later', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  house.mailstore.trouble = new MailError('unavailable', 'Gmail cannot be reached')
  assert.equal(await client.ask('RETR 1'), '-ERR [SYS/TEMP] Gmail cannot be reached')
  house.mailstore.trouble = undefined
  assert.equal(await client.text('RETR 1'), threeMessages[0]?.bytes)
})

test('a bug of ours is told as one and logged', async () => {
  await using house = await openPopHouse()
  using client = await house.inside()
  house.mailstore.trouble = new TypeError('secret detail')
  assert.match(await client.ask('RETR 1'), /^-ERR \[SYS\/TEMP\] Something went wrong in Postern/)
  assert.match(house.logged.join('\n'), /secret detail/)
})

test('a password for one mailbox opens that one only', async () => {
  await using house = await openPopHouse({
    mailboxes: [{ name: 'INBOX', messages: threeMessages }, { name: 'Bills' }],
    rights: { mailboxes: ['Bills'] },
  })
  using client = await house.inside()
  assert.equal(await client.ask('STAT'), '+OK 0 0')
  using other = await house.client()
  await other.ask(`USER ${user}/INBOX`)
  assert.match(await other.ask(`PASS ${password}`), /^-ERR \[SYS\/PERM\] This password is not for this/)
  await other.ask(`USER ${user}/Nowhere`)
  assert.match(await other.ask(`PASS ${password}`), /^-ERR \[SYS\/PERM\]/)
  assert.equal(house.mailstore.attached, 1)
})

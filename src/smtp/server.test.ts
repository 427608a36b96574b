import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { createTransport } from 'nodemailer'
import { GrantError, MailError } from '#mail/errors.ts'
import { messageLimitBytes } from './posting.ts'
import { password, user } from './testing/people.ts'
import { admission, openPostHouse } from './testing/post-house.ts'
import type { PostHouse } from './testing/post-house.ts'
import { RawClient } from './testing/raw-client.ts'

const message = (extra = '') =>
  `From: ${user}\r\nTo: bob@example.com\r\nSubject: Hi\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n` +
  `Message-ID: <1@client.test>\r\n${extra}\r\nHello\r\n`

function transport({ smtp, smtps }: PostHouse, tls: 'starttls' | 'tls', auth: object) {
  const { host, port } = tls === 'tls' ? smtps : smtp
  return createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    auth,
  })
}

const bearer = (token: string) =>
  Buffer.from(`n,a=${user},\x01host=localhost\x01port=1\x01auth=Bearer ${token}\x01\x01`).toString('base64')

const login = (name: string, secret: string) => Buffer.from(`\0${name}\0${secret}`).toString('base64')

const admit = (address: string) => Promise.resolve(admission(address))

async function loggedIn(t: TestContext, house: PostHouse): Promise<RawClient> {
  const client = await RawClient.openLoggedIn(house.smtps)
  t.after(() => client.close())
  return client
}

async function begin(client: RawClient, ...recipients: string[]): Promise<void> {
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^250 2\.1\.0/)
  for (const one of recipients) assert.match(await client.ask(`RCPT TO:<${one}>`), /^250 2\.1\.5/)
  assert.match(await client.ask('DATA'), /^354/)
}

for (const tls of ['starttls', 'tls'] as const)
  for (const method of ['PLAIN', 'LOGIN'])
    test(`nodemailer sends over ${tls} with ${method}, and hears Gmail's id`, async (t) => {
      const house = await openPostHouse(t)
      const sending = transport(house, tls, { user, pass: password, method })
      t.after(() => sending.close())
      const { response, accepted } = await sending.sendMail({
        from: `Ada <${user}>`,
        to: 'bob@example.com',
        bcc: ['carol@example.com'],
        subject: 'Hello',
        text: '.dot\n\nand more',
      })
      assert.match(response, /^250 2\.0\.0 OK 18c0ffee01$/)
      assert.deepEqual(accepted, ['bob@example.com', 'carol@example.com'])
      assert.deepEqual(house.outbox.sent[0]?.recipients, ['bob@example.com', 'carol@example.com'])
      assert.match(house.outbox.text, /^Bcc: carol@example\.com\r\n/)
      assert.match(house.outbox.text, /\r\n\r\n\.dot\r\n\r\nand more\r\n$/)
    })

test('nodemailer sends with XOAUTH2', async (t) => {
  const house = await openPostHouse(t)
  const sending = transport(house, 'tls', { type: 'OAuth2', user, accessToken: 'ya29.good' })
  t.after(() => sending.close())
  await sending.sendMail({ from: user, to: 'bob@example.com', text: 'x' })
  assert.equal(house.outbox.sent.length, 1)
})

test('OAUTHBEARER logs in, and its failure takes one more round', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  await client.ask('EHLO client.test')
  assert.match(await client.ask('STARTTLS'), /^220/)
  await client.startTls()
  await client.ask('EHLO client.test')
  const challenge = await client.ask(`AUTH OAUTHBEARER ${bearer('ya29.bad')}`)
  assert.match(challenge, /^334 /)
  assert.match(Buffer.from(challenge.slice(4), 'base64').toString(), /"status":"invalid_token"/)
  assert.match(await client.ask('AQ=='), /^535 5\.7\.8 /)
  assert.match(await client.ask(`AUTH OAUTHBEARER ${bearer('ya29.good')}`), /^235 2\.7\.0/)
})

/** An address of this machine that is not loopback. */
const outer = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

test(
  'beyond loopback EHLO offers AUTH only under TLS, and STARTTLS only before',
  { skip: outer === undefined ? 'this machine has loopback only' : false },
  async (t) => {
    const house = await openPostHouse(t, { listeners: { host: outer ?? '', smtpPort: 0, smtpsPort: 0 } })
    const client = await RawClient.open(house.smtp)
    t.after(() => client.close())
    const before = await client.ask('EHLO [127.0.0.1]')
    assert.match(before, /STARTTLS/)
    assert.doesNotMatch(before, /AUTH/)
    assert.match(await client.ask('AUTH PLAIN AGFkYQBw'), /^538 5\.7\.11/)
    assert.match(await client.ask(`MAIL FROM:<${user}>`), /^530 5\.7\.0/)
    await client.ask('STARTTLS')
    await client.startTls()
    const after = await client.ask('EHLO [127.0.0.1]')
    assert.doesNotMatch(after, /STARTTLS/)
    for (const word of ['AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER', `SIZE ${messageLimitBytes}`, '8BITMIME'])
      assert.ok(after.includes(word), word)
    for (const word of ['SMTPUTF8', 'PIPELINING', 'ENHANCEDSTATUSCODES'])
      assert.ok(after.includes(word), word)
    for (const word of ['DSN', 'CHUNKING', 'XCLIENT', 'REQUIRETLS']) assert.ok(!after.includes(word), word)
  },
)

test('on loopback a password may go in clear, as with IMAP and POP3', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  const offer = await client.ask('EHLO [127.0.0.1]')
  assert.match(offer, /STARTTLS/)
  assert.match(offer, /AUTH PLAIN LOGIN/)
  assert.match(await client.ask(`AUTH PLAIN ${login(user, password)}`), /^235 2\.7\.0/)
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^250 2\.1\.0/)
})

test('HELP helps, and EXPN is known but not done', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  assert.match(await client.ask('HELP'), /^214 2\.0\.0 /)
  assert.match(await client.ask('EXPN staff'), /^502 5\.5\.1 /)
  assert.match(await client.ask('ETRN example.org'), /^500 5\.5\.2 /)
})

test('commands pipelined behind STARTTLS are never run', async (t) => {
  const house = await openPostHouse(t)
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  await client.ask('EHLO client.test')
  client.write('STARTTLS\r\nNOOP\r\nMAIL FROM:<x@y.test>\r\n')
  assert.match(await client.reply(), /^220/)
  assert.equal(client.rest, '')
  await client.startTls()
  // Nothing of before is known: no EHLO, no envelope, and no answer to what was injected.
  assert.match(await client.ask(`MAIL FROM:<${user}>`), /^503/)
  assert.match(await client.ask('EHLO client.test'), /AUTH PLAIN/)
})

test('the certificate is the one given, never the example of the library', async (t) => {
  const house = await openPostHouse(t)
  const { fingerprint256 } = await house.certificate.current()
  for (const { host, port } of [house.smtps, house.smtp]) {
    const seen = await peerFingerprint(host, port, port === house.smtps.port)
    assert.equal(seen, fingerprint256)
  }
})

async function peerFingerprint(host: string, port: number, implicit: boolean): Promise<string> {
  const raw = connect({ host, port })
  if (!implicit) {
    await once(raw, 'data')
    raw.write('EHLO x\r\n')
    await once(raw, 'data')
    raw.write('STARTTLS\r\n')
    await once(raw, 'data')
  }
  const socket = connectTls({ socket: raw, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

test('a whole transaction may be pipelined', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  client.write(
    `MAIL FROM:<${user}> SIZE=200 BODY=8BITMIME\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n` +
      `${message()}.\r\nMAIL FROM:<${user}>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n${message()}.\r\nQUIT\r\n`,
  )
  const replies: string[] = []
  for (let reply = await client.reply(); reply !== ''; reply = await client.reply())
    replies.push(reply.slice(0, 9))
  const one = '250 2.1.0, 250 2.1.5, 354 End d, 250 2.0.0'
  assert.equal(replies.join(', '), `${one}, ${one}, 221 2.0.0`)
  assert.equal(house.outbox.sent.length, 2)
})

/** The ways of SMTP smuggling (Longin 2023) and their kin: what stands in place of CRLF . CRLF. */
const smuggled = [
  '\n.\n',
  '\n.\r\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\n',
  '\r\n.\r',
  '\r\n\0.\r\n',
  '\n\n.\r\n',
  '\r\r\n.\r\r\n',
]

for (const end of smuggled)
  test(`mail is not smuggled behind ${JSON.stringify(end)}`, async (t) => {
    const house = await openPostHouse(t)
    const client = await loggedIn(t, house)
    await begin(client, 'bob@example.com')
    client.write(
      `${message()}x${end}MAIL FROM:<${user}>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\n${message()}`,
    )
    client.write('\r\n.\r\n')
    assert.match(await client.reply(), /^550 5\.6\.0 /)
    assert.deepEqual(house.outbox.sent, [])
    assert.match(await client.ask('NOOP'), /^250/)
    assert.equal(client.rest, '')
  })

test('every dot of a message comes through, however the octets are cut', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  const body = '.\r\n..\r\n.x\r\n\r\n...\r\ntext.\r\n.\r\n'
  const stuffed = `${message()}${body}`.replaceAll(/^\./gm, '..')
  for (const size of [1, 2, 3, 5, 1000]) {
    await begin(client, 'bob@example.com')
    for (let at = 0; at < stuffed.length; at += size) {
      client.write(stuffed.slice(at, at + size))
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.write('.\r\n')
    assert.match(await client.reply(), /^250 2\.0\.0/)
    assert.equal(house.outbox.sent.at(-1)?.bytes.toString('latin1'), message() + body)
  }
})

test('a lone line feed elsewhere becomes CRLF before anything is read', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  await begin(client, 'bob@example.com')
  client.write(`${message().replaceAll('\r\n', '\n')}\r\n.\r\n`)
  assert.match(await client.reply(), /^250 2\.0\.0/)
  assert.equal(house.outbox.text, `${message()}\r\n`)
})

test('a line that does not end is refused', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  await begin(client, 'bob@example.com')
  client.write(`${message()}${'x'.repeat(70_000)}\r\n.\r\n`)
  assert.match(await client.reply(), /^550 5\.6\.0 A line is longer/)
  client.write(`NOOP ${'x'.repeat(20_000)}\r\n`)
  assert.match(await client.reply(), /^421 /)
  assert.equal(await client.reply(), '')
})

for (const [why, line, expected] of [
  ['a line break in xtext', `MAIL FROM:<${user}> ENVID=a+0D+0ABcc:x@y.test`, /^501/],
  ['a NUL in the address', `MAIL FROM:<a\0@x.test>`, /^500 5\.5\.2/],
  ['a second address', `MAIL FROM:<a@x.test><b@x.test>`, /^501/],
  ['BINARYMIME', `MAIL FROM:<${user}> BODY=BINARYMIME`, /^501/],
  ['too large', `MAIL FROM:<${user}> SIZE=36700161`, /^552 5\.3\.4/],
  ['REQUIRETLS', `MAIL FROM:<${user}> REQUIRETLS`, /^555 5\.5\.4/],
  ['a parameter that was not announced', `MAIL FROM:<${user}> BODY=7BIT HoldFor=600`, /^555 5\.5\.4/],
] as const)
  test(`MAIL with ${why} is refused`, async (t) => {
    const client = await loggedIn(t, await openPostHouse(t))
    assert.match(await client.ask(line), expected)
  })

test('RCPT with a parameter that was not announced is refused', async (t) => {
  const client = await loggedIn(t, await openPostHouse(t))
  await client.ask(`MAIL FROM:<${user}>`)
  assert.match(await client.ask('RCPT TO:<bob@example.com> NOTIFY=NEVER RRVS=2020'), /^555 5\.5\.4/)
})

for (const address of [
  '"eve@evil.test bob"@example.com',
  'bob@example.com>\r<x',
  'bob',
  'bob@example.com,eve@evil.test',
  'bob eve@example.com',
  'bob@exa mple.com',
])
  test(`RCPT with ${JSON.stringify(address)} is refused`, async (t) => {
    const client = await loggedIn(t, await openPostHouse(t))
    await client.ask(`MAIL FROM:<${user}>`)
    assert.match(await client.ask(`RCPT TO:<${address}>`), /^(?:500|501|553) /)
  })

test('DSN parameters and a space after the colon are borne', async (t) => {
  const client = await loggedIn(t, await openPostHouse(t))
  assert.match(await client.ask(`MAIL FROM: <${user}> RET=HDRS ENVID=x AUTH=<>`), /^250/)
  assert.match(
    await client.ask('RCPT TO: <bob@example.com> NOTIFY=FAILURE ORCPT=rfc822;bob@example.com'),
    /^250/,
  )
})

test('the recipient after the hundredth is refused for now, the others get their mail', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  await client.ask(`MAIL FROM:<${user}>`)
  for (let n = 0; n < 100; n++) assert.match(await client.ask(`RCPT TO:<r${n}@example.com>`), /^250/)
  assert.match(await client.ask('RCPT TO:<late@example.com>'), /^452 4\.5\.3/)
  await client.ask('DATA')
  client.write(`From: ${user}\r\n\r\nx\r\n.\r\n`)
  assert.match(await client.reply(), /^250/)
  assert.equal(house.outbox.sent[0]?.recipients.length, 100)
})

test('35 MiB pass, one octet more does not', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  for (const [over, expected] of [
    [0, /^250 2\.0\.0/],
    [1, /^552 5\.3\.4/],
  ] as const) {
    await begin(client, 'bob@example.com')
    const line = `${'x'.repeat(998)}\r\n`
    const room = messageLimitBytes + over - message().length
    const body = line.repeat(Math.floor(room / 1000) - 1)
    const last = `${'y'.repeat(room - body.length - 2)}\r\n`
    client.write(message() + body + last)
    client.write('.\r\n')
    assert.match(await client.reply(), expected)
  }
  assert.equal(house.outbox.sent.length, 1)
  assert.equal(house.outbox.sent[0]?.bytes.length, messageLimitBytes)
})

test('what the outbox says becomes the right reply, and nothing unknown a permanent one', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  for (const [failure, expected] of [
    [new MailError('unavailable', 'Gmail cannot be reached'), /^451 4\.3\.0 Gmail cannot be reached$/],
    [new MailError('throttled', 'Later'), /^451 4\.3\.2 Later$/],
    [new MailError('over-quota', 'Daily limit'), /^452 4\.4\.5 Daily limit$/],
    [new MailError('cannot', 'No'), /^550 5\.7\.1 No$/],
    [new MailError('too-big', 'Large'), /^552 5\.3\.4 Large$/],
    [new MailError('storage', 'Disk'), /^452 4\.3\.1 Disk$/],
    [
      new GrantError('revoked-or-expired', 'Connect it again at http://x.test/'),
      /^454 4\.7\.0 Connect it again/,
    ],
    [new TypeError('bug'), /^451 4\.3\.0 Something/],
  ] as const) {
    house.outbox.failures.push(failure)
    await begin(client, 'bob@example.com')
    client.write(`${message()}.\r\n`)
    assert.match(await client.reply(), expected)
  }
  assert.ok(!house.log.lines.join('\n').includes('bob@example.com'), 'no address in the log')
})

test('a long refusal goes on several lines, and its addresses stay out of the log', async (t) => {
  const house = await openPostHouse(t)
  const client = await loggedIn(t, house)
  const long = Array.from({ length: 9 }, (_, n) => `${String(n).repeat(60)}@evil.test`)
  await begin(client, 'bob@example.com')
  client.write(`From: ${user}\r\nTo: bob@example.com,\r\n ${long.join(',\r\n ')}\r\n\r\nx\r\n.\r\n`)
  const lines = (await client.reply()).split('\n')
  assert.ok(lines.length > 1)
  for (const [index, line] of lines.entries()) {
    assert.ok(line.length <= 510)
    assert.ok(line.startsWith(index < lines.length - 1 ? '550-5.5.4 ' : '550 5.5.4 '), line)
  }
  assert.match(lines.join(' '), /and 4 more/)
  assert.ok(!house.log.lines.join('\n').includes('evil.test'))
})

test('a login that fails says why, three of them end the connection', async (t) => {
  const house = await openPostHouse(t)
  const plain = await RawClient.open(house.smtp)
  t.after(() => plain.close())
  await plain.ask('EHLO x')
  await plain.ask('STARTTLS')
  await plain.startTls()
  await plain.ask('EHLO x')
  assert.match(
    await plain.ask(`AUTH PLAIN ${login('revoked@gmail.test', 'x')}`),
    /^535 5\.7\.8 Connect it again/,
  )
  assert.match(await plain.ask(`AUTH PLAIN ${login(user, 'bad')}`), /^535 5\.7\.8 The user name/)
  assert.match(await plain.ask('AUTH PLAIN ***'), /^501 5\.5\.2/)
  assert.match(await plain.reply(), /^421 4\.7\.0/)
  assert.ok(!house.log.lines.join('\n').includes(password))
})

test('AUTH LOGIN may be cancelled, and nothing but replies is said', async (t) => {
  const house = await openPostHouse(t, { plainLoginAllowed: true })
  const client = await RawClient.open(house.smtp)
  t.after(() => client.close())
  assert.match(await client.ask('EHLO x'), /AUTH=PLAIN LOGIN/)
  assert.equal(await client.ask('auth login'), '334 VXNlcm5hbWU6')
  assert.match(await client.ask('*'), /^501 5\.7\.0/)
  assert.equal(await client.ask('AUTH LOGIN'), '334 VXNlcm5hbWU6')
  assert.equal(await client.ask(Buffer.from(user).toString('base64')), '334 UGFzc3dvcmQ6')
  assert.match(await client.ask(Buffer.from(password).toString('base64')), /^235/)
})

test('a browser and a babbler are cut off', async (t) => {
  const house = await openPostHouse(t)
  const browser = await RawClient.open(house.smtp)
  assert.match(await browser.ask('GET / HTTP/1.1'), /^421/)
  const babbler = await RawClient.open(house.smtp)
  assert.match(await babbler.ask('blah'), /^500/)
  assert.match(await babbler.ask('WIZ'), /^500/)
  assert.match(await babbler.ask('blah'), /^421/)
})

test('strangers beyond the limit make the oldest of them leave', async (t) => {
  const house = await openPostHouse(t, { limits: { beforeLogin: 2 } })
  const first = await RawClient.open(house.smtp)
  const second = await RawClient.open(house.smtp)
  const third = await RawClient.open(house.smtp)
  t.after(() => [second, third].map((one) => one.close()))
  assert.match(await first.reply(), /^421 4\.3\.2/)
  assert.match(await second.ask('NOOP'), /^250/)
})

test('close() tells idle clients and lets a message under way end', async (t) => {
  const house = await openPostHouse(t)
  const idle = await loggedIn(t, house)
  const busy = await loggedIn(t, house)
  await begin(busy, 'bob@example.com')
  busy.write(message())
  await new Promise((resolve) => setImmediate(resolve))
  const closed = house.server.close()
  assert.match(await idle.reply(), /^421 4\.3\.2/)
  busy.write('.\r\n')
  assert.match(await busy.reply(), /^250 2\.0\.0/)
  busy.close()
  await closed
  assert.equal(house.outbox.sent.length, 1)
})

test('a scanner sends without TLS and login from a listed address, and logs in after HELO from another', async (t) => {
  const host = '127.0.0.1'
  const fixed = await openPostHouse(t, {
    scanner: { host, port: 0, sources: [{ from: '127.0.0.0/8', account: user }], admit },
  })
  const silent = await RawClient.open(fixed.scanner)
  t.after(() => silent.close())
  assert.match(await silent.ask('HELO scanner'), /^250/)
  assert.match(await silent.ask('STARTTLS'), /^500/)
  await begin(silent, 'bob@example.com')
  silent.write('Subject: Scan\r\nTo: bob@example.com\r\n\r\nx\r\n.\r\n')
  assert.match(await silent.reply(), /^250 2\.0\.0/)
  assert.match(
    fixed.outbox.text,
    /^From: ada@gmail\.test\r\nDate: [^\r]+\r\nMessage-ID: <[^\r]+@gmail\.test>\r\n/,
  )

  const asked = await openPostHouse(t, {
    scanner: { host, port: 0, sources: [{ from: '127.0.0.1' }], admit },
  })
  const talker = await RawClient.open(asked.scanner)
  t.after(() => talker.close())
  await talker.ask('HELO scanner')
  assert.match(await talker.ask(`MAIL FROM:<${user}>`), /^530/)
  assert.match(await talker.ask('AUTH PLAIN AGFkYQBw'), /^504/)
  assert.match(await talker.ask(`AUTH LOGIN ${Buffer.from(user).toString('base64')}`), /^334/)
  assert.match(await talker.ask(Buffer.from(password).toString('base64')), /^235/)

  const strange = await openPostHouse(t, {
    scanner: { host, port: 0, sources: [{ from: '192.0.2.7' }], admit },
  })
  const client = new RawClient(connect(strange.scanner))
  assert.match(await client.reply(), /^554 5\.7\.8 This port serves only/)
})

import assert from 'node:assert/strict'
import { connect } from 'node:tls'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import type { ImapFlowOptions } from 'imapflow'
import Imap from 'node-imap'
import { openHouse, password, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

function flow(house: House, more: Partial<ImapFlowOptions> = {}): ImapFlow {
  const client = new ImapFlow({
    host: house.host,
    port: house.imapsPort,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
    ...more,
  })
  client.on('error', () => {})
  return client
}

test('imapflow logs in over TLS, opens INBOX, hears of new mail, leaves', async () => {
  await using house = await openHouse()
  const client = flow(house)
  await client.connect()
  assert.ok(client.authenticated)
  const mailbox = await client.mailboxOpen('INBOX')
  assert.deepEqual([mailbox.path, mailbox.exists, mailbox.uidNext, mailbox.readOnly], ['INBOX', 3, 4, false])
  const heard = new Promise<{ count: number }>((resolve) => client.once('exists', resolve))
  const idling = client.idle()
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  assert.equal((await heard).count, 4)
  assert.equal(await client.messageFlagsAdd('1:2', ['\\Seen']), true)
  await idling
  assert.equal(house.mailstore.flagsOf('INBOX', 2), '\\Seen')
  assert.match(house.server.sessions()[0]?.program ?? '', /imapflow/i)
  await client.logout()
})

test('imapflow starts TLS on the clear port', async () => {
  await using house = await openHouse()
  const client = flow(house, { port: house.imapPort, secure: false, doSTARTTLS: true })
  await client.connect()
  assert.equal(house.server.sessions()[0]?.secure, true)
  await client.logout()
})

test('imapflow comes in with an access token, and hears why it does not', async () => {
  await using house = await openHouse()
  const client = flow(house, { auth: { user, accessToken: 'ya29.right' } })
  await client.connect()
  await client.logout()
  const wrong = flow(house, { auth: { user, accessToken: 'ya29.wrong' } })
  await assert.rejects(
    wrong.connect(),
    (error: Error & { authenticationFailed?: boolean }) => error.authenticationFailed === true,
  )
  assert.deepEqual(house.asked, [`bearer ${user}`, `bearer ${user}`])
})

test('node-imap logs in, opens a box for reading, idles and hears of new mail', async () => {
  await using house = await openHouse()
  const client = new Imap({
    user,
    password,
    host: 'localhost',
    port: house.imapsPort,
    tls: true,
    tlsOptions: { rejectUnauthorized: false },
  })
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    client.once('error', reject)
    client.connect()
  })
  const box = await new Promise<Imap.Box>((resolve, reject) => {
    client.openBox('INBOX', true, (error, opened) => (error ? reject(error) : resolve(opened)))
  })
  assert.deepEqual([box.messages.total, box.uidnext, box.readOnly], [3, 4, true])
  const mail = new Promise<number>((resolve) => client.once('mail', resolve))
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  assert.equal(await mail, 1)
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()))
  client.end()
  await ended
})

test('the certificate passes a check by name and by address once its authority is trusted', async () => {
  await using house = await openHouse()
  const first = connect({ host: house.host, port: house.imapsPort, rejectUnauthorized: false })
  await new Promise((resolve) => first.once('secureConnect', resolve))
  const ca = `-----BEGIN CERTIFICATE-----\n${first.getPeerCertificate(true).issuerCertificate.raw.toString('base64')}\n-----END CERTIFICATE-----\n`
  first.destroy()
  for (const servername of ['localhost', undefined]) {
    const socket = connect({
      host: house.host,
      port: house.imapsPort,
      ca,
      ...(servername ? { servername } : {}),
    })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    assert.equal(socket.authorized, true)
    assert.match(socket.getProtocol() ?? '', /TLSv1\.[23]/)
    socket.destroy()
  }
})

test('AUTHENTICATE with and without initial response, cancelled, malformed, unknown', async () => {
  await using house = await openHouse()
  const plain = Buffer.from(`\0${user}\0${password}`).toString('base64')
  using one = await RawClient.connect({ host: house.host, port: house.imapPort })
  await one.until(/\r\n/)
  assert.match(await one.command('a', 'AUTHENTICATE CRAM-MD5'), /^a NO/)
  one.send('b AUTHENTICATE PLAIN\r\n')
  assert.equal(await one.until(/\r\n/), '+ \r\n')
  one.send('*\r\n')
  assert.match(await one.until(/b .*\r\n/), /^b BAD/)
  assert.match(await one.command('c', 'AUTHENTICATE PLAIN !!!'), /^c BAD/)
  const other = Buffer.from(`ben\0${user}\0${password}`).toString('base64')
  assert.match(await one.command('e', `AUTHENTICATE PLAIN ${other}`), /^e NO \[AUTHORIZATIONFAILED\]/)
  assert.match(await one.command('d', `AUTHENTICATE PLAIN ${plain}`), /^d OK \[CAPABILITY /)
  using two = await RawClient.connect({ host: house.host, port: house.imapPort })
  await two.until(/\r\n/)
  two.send('a authenticate login\r\n')
  assert.equal(await two.until(/\r\n/), `+ ${Buffer.from('Username:').toString('base64')}\r\n`)
  two.send(`${Buffer.from(user).toString('base64')}\r\n`)
  await two.until(/\+ .*\r\n/)
  two.send(`${Buffer.from(password).toString('base64')}\r\n`)
  assert.match(await two.until(/a .*\r\n/), /^a OK/)
})

test('a refusal is told with its code, a grant that ended with an alert', async () => {
  await using house = await openHouse({
    refusal: { refused: 'grant-ended', text: 'Connect again at http://127.0.0.1/' },
  })
  using client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/\r\n/)
  assert.match(
    await client.command('a', `LOGIN ${user} wrong`),
    /^a NO \[AUTHENTICATIONFAILED\] The user name or the password is wrong/,
  )
  assert.match(
    await client.command('b', `LOGIN ${user} "${password}"`),
    /^\* NO \[ALERT\] Connect again.*\r\nb NO \[AUTHENTICATIONFAILED\] Connect again/,
  )
})

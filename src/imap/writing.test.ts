import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { openHouse, password, threeMessages, user } from './testing/house.ts'
import type { House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

const mailboxes = [
  { name: 'INBOX', role: 'inbox', messages: threeMessages },
  { name: 'Work', messages: threeMessages.slice(0, 1) },
  { name: 'Work/2026' },
  { name: 'Above/Below' },
  { name: '[Gmail]/Trash', role: 'trash' },
] as const

async function connected(house: House, ...commands: readonly string[]): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/^\* OK .*\r\n/)
  await client.command('l', `LOGIN ${user} "${password}"`)
  for (const command of commands) await client.command('s', command)
  return client
}

async function lines(client: RawClient, tag: string, text: string): Promise<readonly string[]> {
  return (await client.command(tag, text)).split('\r\n').slice(0, -1)
}

test('COPY leaves the messages where they are and answers COPYUID', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  assert.match(
    await client.command('a', 'COPY 1,3 Work'),
    /^a OK \[COPYUID 1700000002 1,3 2:3\] COPY completed\r\n$/,
  )
  assert.match(await client.command('b', 'UID COPY 2:9 work'), /^b NO \[TRYCREATE\]/)
  assert.match(
    await client.command('c', 'UID COPY 2 Work'),
    /^c OK \[COPYUID 1700000002 2 4\] UID COPY completed\r\n$/,
  )
  assert.match(await client.command('d', 'UID COPY 7:9 Work'), /^d OK UID COPY completed\r\n$/)
  assert.match(await client.command('e', 'COPY 4 Work'), /^e BAD/)
  assert.match(await client.command('f', 'SEARCH ALL'), /^\* SEARCH 1 2 3\r\n/)
})

test('MOVE tells COPYUID before the EXPUNGEs', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  assert.deepEqual(await lines(client, 'a', 'MOVE 1:2 Work'), [
    '* OK [COPYUID 1700000002 1:2 2:3] Moved',
    '* 1 EXPUNGE',
    '* 1 EXPUNGE',
    'a OK MOVE completed',
  ])
  assert.match(await client.command('b', 'UID MOVE 3 Nowhere'), /^b NO \[TRYCREATE\]/)
  assert.match(await client.command('c', 'UID MOVE 1:2 Work'), /^c OK UID MOVE completed\r\n$/)
})

test('a message that another client moved away is not moved again', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  using other = await connected(house, 'SELECT INBOX')
  await other.command('a', 'UID MOVE 1:2 Work')
  assert.match(await client.command('a', 'COPY 1:2 Work/2026'), /^a NO \[EXPUNGEISSUED\]/m)
  assert.match(await client.command('b', 'UID MOVE 1:3 Work/2026'), /\[COPYUID 1700000003 3 1\] Moved/)
})

test('EXPUNGE removes what is marked, UID EXPUNGE only what is named too', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  await client.command('a', String.raw`STORE 1:2 +FLAGS.SILENT (\Deleted)`)
  assert.deepEqual(await lines(client, 'b', 'UID EXPUNGE 2:3'), ['* 2 EXPUNGE', 'b OK UID EXPUNGE completed'])
  assert.deepEqual(await lines(client, 'c', 'EXPUNGE'), ['* 1 EXPUNGE', 'c OK EXPUNGE completed'])
  assert.deepEqual(await lines(client, 'd', 'EXPUNGE'), ['d OK EXPUNGE completed'])
})

test('CLOSE removes without a word, UNSELECT and a mailbox open for reading do not', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX', String.raw`STORE 1 +FLAGS.SILENT (\Deleted)`)
  assert.deepEqual(await lines(client, 'a', 'UNSELECT'), ['a OK UNSELECT completed'])
  await client.command('b', 'EXAMINE INBOX')
  assert.deepEqual(await lines(client, 'c', 'CLOSE'), ['c OK CLOSE completed'])
  await client.command('d', 'SELECT INBOX')
  assert.deepEqual(await lines(client, 'e', 'CLOSE'), ['e OK CLOSE completed'])
  assert.match(await client.command('f', 'STATUS INBOX (MESSAGES)'), /MESSAGES 2/)
})

test('CLOSE that cannot remove says so and stays', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX', String.raw`STORE 1 +FLAGS.SILENT (\Deleted)`)
  house.mailstore.trouble = new MailError('unavailable', 'Gmail cannot be reached')
  assert.match(await client.command('a', 'CLOSE'), /^a NO \[UNAVAILABLE\]/)
  house.mailstore.trouble = undefined
  assert.match(await client.command('b', 'SEARCH ALL'), /^\* SEARCH 1 2 3\r\n/)
})

const message = 'From: a@bridge.test\r\nSubject: new\r\n\r\nHello\r\n'
const literal = `{${message.length}+}\r\n${message}`

test('APPEND takes flags, keywords, a date with one digit, every kind of literal', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT Work')
  assert.deepEqual(
    await lines(
      client,
      'a',
      String.raw`APPEND Work (\Seen \Recent Later) "5-Jan-2026 10:00:00 +0100" ${literal}`,
    ),
    [
      String.raw`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Important $Forwarded $MDNSent Later)`,
      String.raw`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Important $Forwarded $MDNSent Later \*)] Flags and keywords are kept`,
      '* 2 EXISTS',
      'a OK [APPENDUID 1700000002 2] APPEND completed',
    ],
  )
  assert.match(
    await client.command('b', 'FETCH 2 (FLAGS INTERNALDATE RFC822.SIZE)'),
    /FLAGS \(\\Seen Later\) INTERNALDATE " 5-Jan-2026 09:00:00 \+0000" RFC822.SIZE 44\)/,
  )
  for (const data of [`~${literal}`, `UTF8 (~${literal})`, `"17-Jul-1996 02:44:25 -0700" ${literal}`])
    assert.match(await client.command('c', `APPEND Work ${data}`), /c OK \[APPENDUID 1700000002 \d\]/)
  client.send(`d APPEND Work {${message.length}}\r\n`)
  assert.match(await client.until(/\r\n/), /^\+ OK\r\n$/)
  client.send(`${message}\r\n`)
  assert.match(await client.until(/d OK.*\r\n/), /\* 6 EXISTS\r\nd OK \[APPENDUID 1700000002 6\]/)
})

test('MULTIAPPEND puts in all or none', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(
    await client.command(
      'a',
      String.raw`APPEND Work/2026 (\Flagged) ${literal} ${literal} "1-Jan-2020 00:00:00 +0000" ${literal}`,
    ),
    /^a OK \[APPENDUID 1700000003 1:3\] APPEND completed\r\n$/,
  )
  assert.match(await client.command('b', `APPEND Work/2026 ${literal} {0+}\r\n`), /^b NO \[CANNOT\]/)
  assert.match(await client.command('c', 'STATUS Work/2026 (MESSAGES)'), /MESSAGES 3/)
})

test('what is wrong with an APPEND is told by its tag, never untagged: K-9 tries for ever else', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(await client.command('a', `APPEND Nowhere ${literal}`), /^a NO \[TRYCREATE\] /)
  assert.match(await client.command('b', String.raw`APPEND Work (\Nonsense) ${literal}`), /^b BAD /)
  assert.match(await client.command('c', `APPEND Work "32-Jan-2026 00:00:00 +0000" ${literal}`), /^c BAD /)
  assert.match(await client.command('d', `APPEND Work ${literal} nonsense`), /^d BAD /)
  house.mailstore.trouble = new MailError('over-quota', 'The mailbox is full')
  assert.match(await client.command('e', `APPEND Work ${literal}`), /^e NO \[OVERQUOTA\] /)
})

test('CATENATE takes parts of messages by URL', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  const url = '/INBOX;UIDVALIDITY=1700000001/;UID=2/;SECTION='
  assert.match(
    await client.command(
      'a',
      `APPEND Work CATENATE (URL "${url}HEADER" TEXT {4+}\r\nNew\n URL "${url}TEXT")`,
    ),
    /^a OK \[APPENDUID 1700000002 2\]/,
  )
  await client.command('b', 'SELECT Work')
  assert.match(await client.command('c', 'FETCH 2 BODY.PEEK[TEXT]'), /New\nHello, second\.\r\n\)/)
  for (const wrong of [
    '/INBOX/;UID=9',
    '/INBOX;UIDVALIDITY=7/;UID=2',
    '/Nowhere/;UID=2',
    '/INBOX/;UID=2/;SECTION=9',
    '/INBOX/;UID=2/;SECTION=nonsense',
    'imap://elsewhere.test/INBOX/;UID=2',
  ])
    assert.match(
      await client.command('d', `APPEND Work CATENATE (URL "${wrong}")`),
      new RegExp(String.raw`^d NO \[BADURL "${wrong.replaceAll(/[/;.]/g, String.raw`\$&`)}"\]`),
    )
})

test('REPLACE puts the new version in before the old one goes', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  assert.deepEqual(await lines(client, 'a', String.raw`REPLACE 2 INBOX (\Seen) ${literal}`), [
    '* OK [APPENDUID 1700000001 4] The new version',
    '* 2 EXPUNGE',
    '* 3 EXISTS',
    'a OK REPLACE completed',
  ])
  assert.match(await client.command('b', `UID REPLACE 2 INBOX ${literal}`), /^b NO \[NONEXISTENT\]/)
  assert.match(await client.command('c', `UID REPLACE 4 Nowhere ${literal}`), /^c NO \[TRYCREATE\]/)
  assert.match(await client.command('d', `UID REPLACE 4 Work ${literal}`), /\* 3 EXPUNGE\r\nd OK/)
  assert.match(await client.command('e', 'UID SEARCH ALL'), /^\* SEARCH 1 3\r\n/)
})

test('CREATE, RENAME, DELETE and subscriptions', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(await client.command('a', 'CREATE Work/New/'), /^a OK \[MAILBOXID \(F6\)\] CREATE completed/)
  assert.match(await client.command('b', 'CREATE work/new'), /^b OK/)
  assert.match(await client.command('c', 'CREATE Work'), /^c NO \[ALREADYEXISTS\]/)
  assert.match(await client.command('d', 'CREATE inbox'), /^d NO \[ALREADYEXISTS\]/)
  assert.match(await client.command('e', String.raw`CREATE Mine (USE (\Drafts))`), /^e NO \[USEATTR\]/)
  assert.match(await client.command('f', 'CREATE Mine (COLOUR (red))'), /^f BAD/)
  assert.match(await client.command('g', 'RENAME Work Play'), /^g OK/)
  assert.match(await client.command('h', 'LIST "" "Play*"'), /"Play"[^]*"Play\/2026"[^]*"Play\/New"/)
  assert.match(
    await client.command('i', 'STATUS Play (UIDVALIDITY MESSAGES)'),
    /UIDVALIDITY 1700000002 MESSAGES 1/,
  )
  assert.match(await client.command('j', 'RENAME Nowhere There'), /^j NO \[NONEXISTENT\]/)
  assert.match(await client.command('k', 'RENAME Play INBOX'), /^k NO \[ALREADYEXISTS\]/)
  assert.match(await client.command('m', 'DELETE Play'), /^m OK/)
  assert.match(await client.command('n', 'DELETE Play'), /^n NO/)
  assert.match(await client.command('o', 'DELETE INBOX'), /^o NO \[CANNOT\]/)
  assert.match(await client.command('p', 'UNSUBSCRIBE Play/2026'), /^p OK/)
  assert.doesNotMatch(await client.command('q', 'LSUB "" *'), /2026/)
  assert.match(await client.command('r', 'SUBSCRIBE Play/2026'), /^r OK/)
  assert.match(await client.command('s', 'LSUB "" *'), /2026/)
})

test('RENAME of INBOX moves its messages and leaves it there', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  assert.match(
    await client.command('a', 'RENAME INBOX Old'),
    /\* 1 EXPUNGE\r\n\* 1 EXPUNGE\r\n\* 1 EXPUNGE\r\na OK/,
  )
  assert.match(await client.command('b', 'STATUS Old (MESSAGES)'), /MESSAGES 3/)
})

test('whoever deletes the mailbox that is selected is told and goes on', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT Work')
  assert.match(await client.command('a', 'DELETE Work'), /^\* OK \[CLOSED\] .*\r\na OK DELETE completed\r\n$/)
  assert.match(await client.command('b', 'SEARCH ALL'), /^b BAD/)
})

const everyWrite = [
  'COPY 1 Work',
  'MOVE 1 Work',
  'EXPUNGE',
  'UID EXPUNGE 1',
  `REPLACE 1 Work ${literal}`,
  String.raw`STORE 1 +FLAGS (\Seen)`,
] as const
const everyWriteElsewhere = [
  `APPEND Work ${literal}`,
  'CREATE New',
  'DELETE Work',
  'RENAME Work Play',
  'SUBSCRIBE Work',
  'UNSUBSCRIBE Work',
] as const

test('a login that may only read changes nothing', async () => {
  await using house = await openHouse({ mailboxes, rights: { readOnly: true } })
  using client = await connected(house, 'SELECT INBOX')
  for (const text of [...everyWrite, ...everyWriteElsewhere])
    assert.match(await client.command('a', text), /^a NO \[NOPERM\]/, text)
})

test('in a mailbox that is open for reading nothing changes; from it messages are copied', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'EXAMINE INBOX')
  for (const text of everyWrite.slice(1))
    assert.match(await client.command('a', text), /^a NO \[READ-ONLY\]/, text)
  assert.match(await client.command('b', everyWrite[0]), /^b OK \[COPYUID/)
})

test('mailboxes that a login may not see are not there', async () => {
  await using house = await openHouse({ mailboxes, rights: { mailboxes: ['INBOX', 'Work', 'Mine'] } })
  using client = await connected(house, 'SELECT INBOX')
  for (const text of ['COPY 1 Work/2026', 'MOVE 1 Work/2026', `APPEND Work/2026 ${literal}`])
    assert.match(await client.command('a', text), /^a NO \[TRYCREATE\]/, text)
  for (const text of ['DELETE Work/2026', 'RENAME Work/2026 Mine'])
    assert.match(await client.command('b', text), /^b NO \[NONEXISTENT\]/, text)
  // Its child would come along.
  for (const text of ['RENAME Work Mine', 'CREATE Work/2026', 'CREATE Other', 'SUBSCRIBE Other'])
    assert.match(await client.command('c', text), /^c NO \[NOPERM\]/, text)
  assert.match(await client.command('d', 'CREATE Mine'), /^d OK/)
  assert.match(
    await client.command('e', 'APPEND Work CATENATE (URL "/Work%2F2026/;UID=1")'),
    /^e NO \[BADURL/,
  )
})

test('an APPEND that is too large is refused before its octets come', async () => {
  await using house = await openHouse({ mailboxes, server: { limits: { messageBytes: 1000 } } })
  using client = await connected(house)
  assert.match(await client.command('a', 'APPEND Work {1001}'), /^a NO \[TOOBIG\] /)
  assert.match(await client.command('b', 'NOOP'), /^b OK/)
})

test('an APPEND that is too large and comes unasked is thrown away, and the session goes on', async () => {
  await using house = await openHouse({ mailboxes, server: { limits: { messageBytes: 1000 } } })
  using client = await connected(house)
  client.send(`a APPEND Work {500000+}\r\n${'x'.repeat(500_000)}\r\nb NOOP\r\n`)
  assert.match(await client.until(/b OK.*\r\n/), /^a NO \[TOOBIG\] [^\r]*\r\nb OK/)
})

test('only as the message of an APPEND may a literal be large, and only after login', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  for (const text of ['APPEND {200000}', 'REPLACE 1 {200000}', 'UID REPLACE 1 {200000}', 'CREATE {200000}'])
    assert.match(await client.command('a', text), /^a NO \[TOOBIG\]/, text)
  client.send('b APPEND {4}\r\n')
  await client.until(/^\+ .*\r\n/)
  client.send('Work {200000}\r\n')
  await client.until(/^\+ .*\r\n/)
  client.send(`${'x'.repeat(200_000)}\r\n`)
  assert.match(await client.until(/b .*\r\n/), /^b OK \[APPENDUID/)
  using stranger = await RawClient.connect({ host: house.host, port: house.imapPort })
  await stranger.until(/\r\n/)
  assert.match(await stranger.command('a', 'APPEND Work {200000}'), /^a NO \[TOOBIG\]/)
})

test('35 MiB go in and come out', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT Work')
  const large = Buffer.alloc(35 * 1024 * 1024, 'All work and no play.\r\n')
  client.send(`a APPEND Work {${large.length}}\r\n`)
  await client.until(/^\+ .*\r\n/)
  client.send(large)
  client.send('\r\n')
  assert.match(await client.until(/a .*\r\n/), /a OK \[APPENDUID 1700000002 2\]/)
  assert.ok(
    (await house.mailstore.body(house.mailstore.keyOf('Work', 2), new AbortController().signal)).equals(
      large,
    ),
  )
})

test('the limit is told by CAPABILITY and STATUS', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(await client.command('a', 'CAPABILITY'), / APPENDLIMIT=52428800 /)
  assert.match(await client.command('b', 'STATUS Work (APPENDLIMIT)'), /\(APPENDLIMIT 52428800\)/)
  assert.match(
    await client.command('c', 'LIST "" Work RETURN (STATUS (APPENDLIMIT))'),
    /\(APPENDLIMIT 52428800\)/,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { openHouse, password, threeMessages, user } from '../testing/house.ts'
import type { House } from '../testing/house.ts'
import { RawClient } from '../testing/raw-client.ts'

const [first] = threeMessages as [{ bytes: string }]

const mailboxes = [
  { name: 'INBOX', role: 'inbox' as const, messages: threeMessages },
  { name: 'Work', messages: [first] },
  { name: 'Work/2026' },
  { name: 'Lists/Lemonade', subscribed: false },
]

async function loggedIn(house: House): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/\r\n/)
  await client.command('l', `LOGIN ${user} "${password}"`)
  return client
}

/** A client that has INBOX open and asked for this. */
async function hearing(house: House, request: string): Promise<RawClient> {
  const client = await loggedIn(house)
  await client.command('s', 'SELECT INBOX')
  assert.match(await client.command('n', `NOTIFY ${request}`), /n OK /)
  return client
}

test('NOTIFY is announced after login', async () => {
  await using house = await openHouse()
  using client = await loggedIn(house)
  assert.match(await client.command('a', 'CAPABILITY'), / NOTIFY[ \r]/)
})

test('new mail elsewhere is told by STATUS while no command is at work', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (personal (MessageNew MessageExpunge))')
  house.mailstore.deliver('Work', first)
  assert.equal(await client.until(/\r\n/), '* STATUS "Work" (MESSAGES 2 UIDNEXT 3 UNSEEN 2)\r\n')
  // Flags are not asked for.
  house.mailstore.setFlags('Work', 1, ['\\Seen'])
  house.mailstore.remove('Work', 2)
  assert.equal(await client.until(/\r\n/), '* STATUS "Work" (MESSAGES 1 UIDNEXT 3 UNSEEN 0)\r\n')
})

test('changes of flags elsewhere are told with UIDVALIDITY and HIGHESTMODSEQ, also before CONDSTORE is on', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (mailboxes Work (MessageNew MessageExpunge FlagChange))')
  house.mailstore.setFlags('Work', 1, ['\\Seen'])
  assert.match(
    await client.until(/\r\n/),
    /^\* STATUS "Work" \(UIDVALIDITY \d+ UNSEEN 0 HIGHESTMODSEQ \d+\)\r\n$/,
  )
  await client.command('c', 'STATUS Lists/Lemonade (HIGHESTMODSEQ)')
  house.mailstore.setFlags('Work', 1, [])
  assert.match(
    await client.until(/\r\n/),
    /^\* STATUS "Work" \(UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ \d+\)\r\n$/,
  )
})

test('with STATUS the counts of every mailbox that is meant come first, the selected one excepted', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await loggedIn(house)
  await client.command('s', 'SELECT INBOX')
  const answer = await client.command(
    'n',
    'NOTIFY SET STATUS (subtree (INBOX Work) (MessageNew MessageExpunge))',
  )
  assert.match(
    answer,
    /^\* STATUS "Work" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)\r\n\* STATUS "Work\/2026" \(MESSAGES 0 [^)]*\)\r\nn OK /,
  )
})

test('the selected mailbox: EXISTS and what was asked for of the message, flags, and expunges at once', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(
    house,
    'SET (selected (MessageNew (UID BODY[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))',
  )
  house.mailstore.deliver('INBOX', first)
  assert.equal(
    await client.until(/\r\n\)\r\n/),
    '* 4 EXISTS\r\n* 4 FETCH (UID 4 BODY[HEADER.FIELDS (SUBJECT)] {22}\r\nSubject: The first\r\n\r\n)\r\n',
  )
  assert.equal(house.mailstore.flagsOf('INBOX', 4), '')
  house.mailstore.setFlags('INBOX', 2, ['\\Flagged'])
  assert.equal(await client.until(/\r\n/), '* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n')
  house.mailstore.remove('INBOX', 1)
  assert.equal(await client.until(/\r\n/), '* 1 EXPUNGE\r\n')
})

test('selected-delayed keeps the numbers until a command may tell of expunges', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (selected-delayed (MessageNew MessageExpunge))')
  house.mailstore.remove('INBOX', 1)
  house.mailstore.setFlags('INBOX', 2, ['\\Flagged'])
  house.mailstore.deliver('INBOX', first)
  assert.equal(await client.until(/\r\n/), '* 4 EXISTS\r\n')
  assert.equal(
    await client.command('a', 'FETCH 2 (UID FLAGS)'),
    '* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\na OK FETCH completed\r\n',
  )
  assert.equal(await client.command('b', 'NOOP'), '* 1 EXPUNGE\r\nb OK NOOP completed\r\n')
})

test('NOTIFY NONE: nothing is told, numbers stay, and what was selected is as it is when asked for', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'NONE')
  house.mailstore.deliver('INBOX', first)
  house.mailstore.remove('INBOX', 1)
  house.mailstore.setFlags('INBOX', 2, ['\\Flagged'])
  house.mailstore.deliver('Work', first)
  assert.equal(await client.command('a', 'NOOP'), 'a OK NOOP completed\r\n')
  assert.equal(
    await client.command('b', 'FETCH 2 FLAGS'),
    '* 2 FETCH (FLAGS (\\Flagged))\r\nb OK FETCH completed\r\n',
  )
  // What the client does itself is answered.
  assert.match(await client.command('c', 'STORE 3 +FLAGS (\\Deleted)'), /\* 3 FETCH \(FLAGS \(\\Deleted\)\)/)
  assert.equal(
    await client.command('d', 'EXPUNGE'),
    '* 1 EXPUNGE\r\n* 2 EXPUNGE\r\nd OK EXPUNGE completed\r\n',
  )
})

test('mailboxes that are made, renamed, removed and subscribed to are told by LIST', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (personal (MailboxName SubscriptionChange))')
  using other = await loggedIn(house)
  await other.command('a', 'CREATE Travel')
  assert.equal(await client.until(/\r\n/), '* LIST (\\HasNoChildren) "/" "Travel"\r\n')
  await other.command('s', 'SUBSCRIBE Travel')
  assert.equal(await client.until(/\r\n/), '* LIST (\\HasNoChildren \\Subscribed) "/" "Travel"\r\n')
  await other.command('b', 'RENAME Travel Journeys')
  assert.equal(
    await client.until(/\r\n/),
    '* LIST (\\HasNoChildren \\Subscribed) "/" "Journeys" ("OLDNAME" ("Travel"))\r\n',
  )
  await other.command('c', 'UNSUBSCRIBE Journeys')
  assert.equal(await client.until(/\r\n/), '* LIST (\\HasNoChildren) "/" "Journeys"\r\n')
  await other.command('d', 'SUBSCRIBE Lists/Lemonade')
  assert.equal(await client.until(/\r\n/), '* LIST (\\HasNoChildren \\Subscribed) "/" "Lists/Lemonade"\r\n')
  await other.command('e', 'DELETE Journeys')
  assert.equal(
    await client.until(/\r\n/),
    '* LIST (\\NonExistent \\Noselect \\HasNoChildren) "/" "Journeys"\r\n',
  )
})

test('the first group that has an event decides, and NONE ends the search', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(
    house,
    'SET (mailboxes Work NONE) (subscribed (MailboxName)) (inboxes (MessageNew MessageExpunge))',
  )
  house.mailstore.deliver('Work', first)
  house.mailstore.deliver('Lists/Lemonade', first)
  assert.match(await client.until(/\r\n/), /^\* STATUS "Lists\/Lemonade" /)
  assert.doesNotMatch(await client.command('a', 'NOOP'), /STATUS/)
})

test('the selected mailbox is told of as selected only', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (personal (MessageNew MessageExpunge))')
  house.mailstore.deliver('INBOX', first)
  house.mailstore.deliver('Work', first)
  assert.match(await client.until(/\r\n/), /^\* STATUS "Work" /)
  assert.equal(await client.command('a', 'UNSELECT'), 'a OK UNSELECT completed\r\n')
  house.mailstore.deliver('INBOX', first)
  assert.match(await client.until(/\r\n/), /^\* STATUS "INBOX" \(MESSAGES 5 /)
})

test('a login hears of the mailboxes it may use, and of no others', async () => {
  await using house = await openHouse({ mailboxes, rights: { mailboxes: ['INBOX', 'Work'] } })
  using client = await loggedIn(house)
  await client.command('n', 'NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))')
  house.mailstore.deliver('Lists/Lemonade', first)
  house.mailstore.addMailbox({ name: 'Secret' })
  house.mailstore.deliver('Work', first)
  assert.match(await client.until(/\r\n/), /^\* STATUS "Work" /)
  assert.equal(await client.command('a', 'NOOP'), 'a OK NOOP completed\r\n')
})

test('IDLE tells the same, without a mailbox too', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await loggedIn(house)
  await client.command('n', 'NOTIFY SET (personal (MessageNew MessageExpunge))')
  client.send('i IDLE\r\n')
  await client.until(/\+ idling\r\n/)
  house.mailstore.deliver('Work', first)
  assert.match(await client.until(/\r\n/), /^\* STATUS "Work" \(MESSAGES 2 /)
  client.send('DONE\r\n')
  assert.match(await client.until(/\r\n/), /^i OK /)
})

test('the yes to a literal does not come in the middle of an answer', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))')
  const opened = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  house.mailstore.gate = () => {
    asked.resolve()
    return opened.promise
  }
  house.mailstore.deliver('INBOX', first)
  await asked.promise
  client.send('a STATUS {4}\r\n')
  assert.match(await client.until(/EXISTS\r\n/), /^\* 4 EXISTS\r\n$/)
  opened.resolve()
  const answer = await client.until(/\+ OK\r\n/)
  assert.match(answer, /^\* 4 FETCH \([^]*Hello, first\.\r\n\)\r\n\+ OK\r\n$/)
  client.send('Work (MESSAGES)\r\n')
  assert.match(await client.until(/a OK/), /^\* STATUS "Work" \(MESSAGES 1\)\r\n/)
})

test('a new message that cannot be read is announced all the same', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await hearing(house, 'SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))')
  house.mailstore.gate = () => Promise.reject(new MailError('throttled', 'Not now'))
  house.mailstore.deliver('INBOX', first)
  assert.equal(await client.until(/\r\n/), '* 4 EXISTS\r\n')
  assert.equal(await client.command('a', 'NOOP'), 'a OK NOOP completed\r\n')
})

test('too much untold ends in NOTIFICATIONOVERFLOW and silence', async () => {
  const many = Array.from({ length: 1001 }, (_, at) => ({ name: `L${at}` }))
  await using house = await openHouse({ mailboxes: [...mailboxes, ...many] })
  using client = await hearing(house, 'SET (personal (MessageNew MessageExpunge))')
  for (const { name } of many) house.mailstore.deliver(name, first)
  assert.match(await client.until(/\r\n/), /^\* OK \[NOTIFICATIONOVERFLOW\] /)
  house.mailstore.deliver('Work', first)
  assert.equal(await client.command('a', 'NOOP'), 'a OK NOOP completed\r\n')
})

test('events that are not known are named no, with those that are', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await loggedIn(house)
  for (const event of ['AnnotationChange', 'MailboxMetadataChange', 'ServerMetadataChange', 'Nonsense'])
    assert.match(
      await client.command('a', `NOTIFY SET (personal (${event}))`),
      /^a NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange\)\] /,
    )
})

for (const bad of [
  '',
  'BOGUS',
  'NONE x',
  'SET',
  'SET STATUS',
  'SET STATUS ()',
  'SET (Unknown (MessageNew MessageExpunge))',
  'SET (personal MessageNew)',
  'SET (personal ())',
  'SET (selected (MailboxName))',
  'SET (selected (MessageNew))',
  'SET (selected (FlagChange))',
  'SET (selected NONE) (selected-delayed NONE)',
  'SET (personal (MessageNew (UID) MessageExpunge))',
  'SET (mailboxes () (MailboxName))',
  'SET (subtree (MailboxName))',
])
  test(`NOTIFY ${bad} is refused`, async () => {
    await using house = await openHouse({ mailboxes })
    using client = await loggedIn(house)
    assert.match(await client.command('a', `NOTIFY ${bad}`), /^a BAD /)
  })

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, password, threeMessages, user } from '../testing/house.ts'
import type { House } from '../testing/house.ts'
import { RawClient } from '../testing/raw-client.ts'

const mailboxes = [
  { name: 'INBOX', role: 'inbox', messages: [...threeMessages, ...threeMessages] },
  { name: 'Work' },
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

/** The mailbox's mod-sequence as STATUS tells it. */
async function highest(client: RawClient): Promise<number> {
  const answer = await client.command('h', 'STATUS INBOX (HIGHESTMODSEQ)')
  return Number(/HIGHESTMODSEQ (\d+)/.exec(answer)?.[1])
}

test('a conditional STORE leaves alone what was changed meanwhile and says which', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX (CONDSTORE)')
  const since = await highest(client)
  house.mailstore.setFlags('INBOX', 2, [String.raw`\Flagged`])
  assert.match(
    await client.command('a', String.raw`STORE 1:3 (UNCHANGEDSINCE ${since}) +FLAGS.SILENT (\Deleted)`),
    new RegExp(
      String.raw`^\* 1 FETCH \(MODSEQ \((\d+)\)\)\r\n\* 3 FETCH \(MODSEQ \(\d+\)\)\r\n` +
        String.raw`\* 2 FETCH \(UID 2 FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)\r\na OK \[MODIFIED 2\] `,
    ),
  )
  assert.match(
    await client.command('b', String.raw`UID STORE 2:4 (UNCHANGEDSINCE 0) FLAGS (\Seen)`),
    /^b OK \[MODIFIED 2:4\] /,
  )
  assert.match(
    await client.command('c', String.raw`UID STORE 2 (UNCHANGEDSINCE ${since + 99}) +FLAGS (\Seen)`),
    /^\* 2 FETCH \(UID 2 FLAGS \(\\Flagged \\Seen\) MODSEQ \(\d+\)\)\r\nc OK UID STORE completed\r\n$/,
  )
  for (const wrong of [
    'STORE 1 (UNCHANGEDSINCE) FLAGS ()',
    'STORE 1 (NONSENSE 1) FLAGS ()',
    'STORE 1 () (FLAGS)',
  ])
    assert.match(await client.command('d', wrong), /^d BAD/)
})

test('once CONDSTORE is on every FETCH that nobody asked for has MODSEQ, STORE and .SILENT too', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  house.mailstore.setFlags('INBOX', 1, [String.raw`\Seen`])
  assert.deepEqual(await lines(client, 'a', 'NOOP'), [
    String.raw`* 1 FETCH (UID 1 FLAGS (\Seen))`,
    'a OK NOOP completed',
  ])
  await client.command('b', 'FETCH 1 (MODSEQ)')
  house.mailstore.setFlags('INBOX', 1, [])
  assert.match(await client.command('c', 'NOOP'), /^\* 1 FETCH \(UID 1 FLAGS \(\) MODSEQ \(\d+\)\)\r\nc OK/)
  assert.match(
    await client.command('d', String.raw`STORE 1 +FLAGS (\Seen)`),
    /^\* 1 FETCH \(FLAGS \(\\Seen\) MODSEQ \(\d+\)\)\r\nd OK/,
  )
  assert.match(
    await client.command('e', String.raw`STORE 1 -FLAGS.SILENT (\Seen)`),
    /^\* 1 FETCH \(MODSEQ \(\d+\)\)\r\ne OK/,
  )
})

for (const enabling of [
  'ENABLE CONDSTORE',
  'ENABLE QRESYNC',
  'STATUS INBOX (HIGHESTMODSEQ)',
  'SELECT INBOX (CONDSTORE)',
  'FETCH 1 MODSEQ',
  'FETCH 1 FLAGS (CHANGEDSINCE 0)',
  'SEARCH MODSEQ 1',
  String.raw`STORE 1 (UNCHANGEDSINCE 1) FLAGS (\Seen)`,
])
  test(`${enabling} switches CONDSTORE on`, async () => {
    await using house = await openHouse({ mailboxes })
    using client = await connected(house, 'SELECT INBOX', enabling)
    house.mailstore.setFlags('INBOX', 1, [String.raw`\Flagged`])
    assert.match(await client.command('a', 'NOOP'), /FETCH \(UID 1 .* MODSEQ \(\d+\)\)/)
  })

test('trap 13: CHANGEDSINCE 0 is everything', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  const answer = await lines(client, 'a', 'UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)')
  // The first CONDSTORE-enabling command tells from where on.
  assert.equal(answer.length, 8)
  assert.match(answer[0] ?? '', /^\* 1 FETCH \(UID 1 FLAGS \(\) MODSEQ \(\d+\)\)$/)
})

test('trap 13: MODSEQ rises for a change made in another mailbox, and HIGHESTMODSEQ has a text after it', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house)
  assert.match(await client.command('a', 'SELECT INBOX'), /^\* OK \[HIGHESTMODSEQ \d+\] \w+\r\n/m)
  await client.command('b', 'COPY 1 Work')
  const before = await highest(client)
  using other = await connected(house, 'SELECT Work')
  await other.command('a', String.raw`STORE 1 +FLAGS (\Flagged)`)
  assert.ok((await highest(client)) > before)
})

test('with QRESYNC removals are VANISHED, and the end of the command tells the mod-sequence', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE QRESYNC', 'SELECT INBOX')
  await client.command('a', String.raw`STORE 1,3,5:6 +FLAGS.SILENT (\Deleted)`)
  const [vanished, end, ...more] = await lines(client, 'b', 'UID EXPUNGE 1:5')
  assert.equal(vanished, '* VANISHED 1,3,5')
  assert.match(end ?? '', /^b OK \[HIGHESTMODSEQ \d+\] UID EXPUNGE completed$/)
  assert.deepEqual(more, [])
  assert.match(
    await client.command('c', 'MOVE 1 Work'),
    /^\* OK \[COPYUID 1700000002 2 1\] Moved\r\n\* VANISHED 2\r\nc OK \[HIGHESTMODSEQ \d+\] MOVE completed\r\n$/,
  )
  house.mailstore.remove('INBOX', 4)
  assert.deepEqual(await lines(client, 'd', 'NOOP'), ['* VANISHED 4', 'd OK NOOP completed'])
  assert.deepEqual(await lines(client, 'e', 'EXPUNGE'), [
    '* VANISHED 6',
    `e OK [HIGHESTMODSEQ ${await highest(client)}] EXPUNGE completed`,
  ])
})

test('SELECT (QRESYNC …) tells what vanished and what changed since', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE QRESYNC')
  const since = await highest(client)
  house.mailstore.remove('INBOX', 2)
  house.mailstore.remove('INBOX', 3)
  house.mailstore.setFlags('INBOX', 5, [String.raw`\Seen`])
  house.mailstore.deliver('INBOX', { bytes: 'Subject: seven\r\n\r\n' })
  const told = async (known: string) =>
    (await lines(client, 'a', `SELECT INBOX (QRESYNC (${known}))`)).filter((line) =>
      /VANISHED|FETCH/.test(line),
    )
  const whole = await told(`1700000001 ${since}`)
  assert.equal(whole[0], '* VANISHED (EARLIER) 2:3')
  assert.match(whole[1] ?? '', /^\* 3 FETCH \(UID 5 FLAGS \(\\Seen\) MODSEQ \(\d+\)\)$/)
  assert.match(whole[2] ?? '', /^\* 5 FETCH \(UID 7 FLAGS \(\) MODSEQ \(\d+\)\)$/)
  assert.equal(whole.length, 3)
  assert.deepEqual((await told(`1700000001 ${since} 1:2,6`)).slice(0, 2), ['* VANISHED (EARLIER) 2'])
  assert.equal((await told(`1700000001 ${since} 1:6 (1,3,5 1,3,5)`)).length, 2)
  // Another UIDVALIDITY: the client must begin anew. RFC 7162 section 3.2.5.
  assert.deepEqual(await told(`7 ${since}`), [])
  assert.deepEqual(await told(`1700000001 ${await highest(client)}`), [])
})

test('UID FETCH (CHANGEDSINCE … VANISHED) tells what of the set vanished', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'ENABLE QRESYNC')
  const since = await highest(client)
  house.mailstore.remove('INBOX', 2)
  house.mailstore.remove('INBOX', 6)
  await client.command('s', 'SELECT INBOX')
  house.mailstore.remove('INBOX', 4)
  const [first, ...more] = await lines(client, 'a', `UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${since} VANISHED)`)
  // 4 is still in the client's numbers: it goes by VANISHED.
  assert.equal(first, '* VANISHED (EARLIER) 2,6')
  assert.deepEqual(more, ['* VANISHED 4', 'a OK UID FETCH completed'])
  assert.match(
    await client.command('b', `UID FETCH 3:9 (FLAGS) (CHANGEDSINCE ${since} VANISHED)`),
    /^\* VANISHED \(EARLIER\) 4,6\r\nb OK/,
  )
})

test('QRESYNC’s words are wrong where it is not on', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  for (const text of [
    'SELECT INBOX (QRESYNC (1700000001 1))',
    'UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)',
    'UID FETCH 1 (FLAGS) (VANISHED)',
    'FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)',
    'SELECT INBOX (QRESYNC)',
    'SELECT INBOX (QRESYNC (1))',
    'SELECT INBOX (QRESYNC (1 1 1:*))',
    'SELECT INBOX (QRESYNC (1 1 1:5 (1:5)))',
  ])
    assert.match(await client.command('a', text), /^a BAD/, text)
  assert.match(await client.command('b', 'SEARCH ALL'), /^\* SEARCH 1 2/)
})

test('SEARCH MODSEQ answers with the highest mod-sequence of what it found', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  const since = await highest(client)
  house.mailstore.setFlags('INBOX', 4, [String.raw`\Seen`])
  await client.command('n', 'NOOP')
  const now = await highest(client)
  assert.match(
    await client.command('a', `SEARCH MODSEQ "/flags/\\\\seen" all ${since + 1}`),
    new RegExp(String.raw`^\* SEARCH 4 \(MODSEQ ${now}\)\r\n`),
  )
})

test('X-GM-LABELS are set, added and taken away', async () => {
  await using house = await openHouse({ mailboxes })
  using client = await connected(house, 'SELECT INBOX')
  assert.deepEqual(await lines(client, 'a', 'STORE 1:2 +X-GM-LABELS (Work)'), [
    '* 1 FETCH (X-GM-LABELS ("Work"))',
    '* 2 FETCH (X-GM-LABELS ("Work"))',
    'a OK STORE completed',
  ])
  assert.deepEqual(await lines(client, 'b', 'UID STORE 2 -X-GM-LABELS.SILENT "work"'), [
    'b OK UID STORE completed',
  ])
  assert.match(await client.command('c', 'FETCH 1:2 X-GM-LABELS'), /LABELS \("Work"\)\)\r\n.*LABELS \(\)\)/)
  assert.deepEqual(await lines(client, 'd', String.raw`UID STORE 1 -X-GM-LABELS (\Inbox)`), [
    '* 1 FETCH (UID 1 X-GM-LABELS ("Work"))',
    '* 1 EXPUNGE',
    'd OK UID STORE completed',
  ])
})

test('a login that may see some mailboxes changes no labels, and sees none of others', async () => {
  await using house = await openHouse({ mailboxes, rights: { mailboxes: ['INBOX'] } })
  using client = await connected(house, 'SELECT INBOX')
  assert.match(await client.command('a', 'STORE 1 +X-GM-LABELS (Work)'), /^a NO \[NOPERM\]/)
  using other = await connected(house, 'SELECT INBOX')
  house.mailstore.deliver('INBOX', { bytes: 'Subject: both\r\n\r\n', labels: ['Work'] })
  assert.match(await other.command('b', 'NOOP'), /7 EXISTS/)
  assert.match(await other.command('c', 'FETCH 7 X-GM-LABELS'), /LABELS \(\)/)
  assert.match(await other.command('d', 'SEARCH X-GM-LABELS Work'), /^\* SEARCH\r\n/)
})

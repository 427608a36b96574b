import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import type { MessageKey } from '#mail/ids.ts'
import type { FlagChange, Mailstore } from '#mail/mailstore.ts'
import type { Selected } from '../command.ts'
import { fetch } from '../commands/fetch.ts'
import { Parser, ProtocolError } from '../parser.ts'
import { fetchedValue } from '../testing/fetched-value.ts'
import type { View } from '../view.ts'
import { noneRecent } from '../recent.ts'
import { createMemoryMailstore, type MemoryMessage } from '../testing/memory-mailstore.ts'
import { run, selected } from '../testing/run-command.ts'

const multipart = [
  'From: Ada <ada@example.org>',
  'Subject: Two parts',
  'Subject: twice',
  'X-Long: one',
  '\ttwo',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=C3=BC=C3=9Fe  ',
  ' an alle',
  '--b',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  'AAECAw==',
  '--b',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: x-unknown',
  '',
  'abc',
  '--b--',
  '',
].join('\r\n')

function storeOf(...messages: MemoryMessage[]) {
  return createMemoryMailstore({
    address: 'ada@example.org',
    mailboxes: [{ name: 'INBOX', role: 'inbox', messages }],
  })
}

async function fetched(context: Selected, text: string, uid = false): Promise<string> {
  return (await run(fetch, context, text, uid)).text
}

function simple(n: number): MemoryMessage {
  return { bytes: `Subject: message ${n}\r\n\r\nbody ${n}\r\n`, internalDate: Date.UTC(2026, 0, n) }
}

function bothIndexes(): Uint32Array {
  return Uint32Array.of(0, 1)
}

function refuse(): never {
  throw new Error('The mailstore was asked')
}

/** A mailstore that may only be asked for what is named. */
function only(mailstore: Mailstore, ...allowed: (keyof Mailstore)[]): Mailstore {
  const methods = [
    'status',
    'known',
    'records',
    'identities',
    'body',
    'bodies',
    'candidates',
    'changeFlags',
  ] as const
  const refused = methods.filter((name) => !allowed.includes(name))
  return { ...mailstore, ...Object.fromEntries(refused.map((name) => [name, refuse])) }
}

test('flags, UIDs and MODSEQs come from the view, without a call to the mailstore', async () => {
  const mailstore = storeOf({ ...simple(1), flags: ['\\Seen', 'Later'] }, simple(2))
  const context = await selected(only(mailstore), 'INBOX')
  assert.equal(
    await fetched(context, ' 1:* FLAGS'),
    '* 1 FETCH (FLAGS (\\Seen Later))\r\n* 2 FETCH (FLAGS ())\r\n',
  )
  assert.equal(await fetched(context, ' 2 (FLAGS MODSEQ)', true), '* 2 FETCH (UID 2 FLAGS () MODSEQ (3))\r\n')
  assert.equal(await fetched(context, ' 1 UID'), '* 1 FETCH (UID 1)\r\n')
  assert.equal(await fetched(context, ' 1 (PREVIEW (LAZY) UID)'), '* 1 FETCH (UID 1 PREVIEW NIL)\r\n')
  assert.equal(await fetched(context, ' 7,9:12 FLAGS', true), '')
  assert.ok(context.enabled.has('CONDSTORE'))
})

test('ids of Gmail come without reading a message', async () => {
  const context = await selected(only(storeOf(simple(1)), 'identities'), 'INBOX')
  assert.equal(
    await fetched(context, ' 1 (EMAILID THREADID X-GM-MSGID X-GM-THRID)'),
    '* 1 FETCH (EMAILID (18c000000001) THREADID (18c000000001) X-GM-MSGID 27212912787457 X-GM-THRID 27212912787457)\r\n',
  )
})

test('what the record holds is told without the message', async () => {
  const context = await selected(only(storeOf(simple(1)), 'records'), 'INBOX')
  assert.equal(
    await fetched(context, ' 1 (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])', true),
    '* 1 FETCH (UID 1 INTERNALDATE " 1-Jan-2026 00:00:00 +0000" RFC822.SIZE 30 ' +
      'BODY[HEADER.FIELDS (SUBJECT)] {22}\r\nSubject: message 1\r\n\r\n)\r\n',
  )
  assert.match(await fetched(context, ' 1 (ENVELOPE)'), /^\* 1 FETCH \(ENVELOPE \(NIL "message 1" /)
  assert.match(await fetched(context, ' 1 BODY'), /^\* 1 FETCH \(BODY \("text" "plain" /i)
})

const parts: [item: string, value: string | undefined][] = [
  ['BODY.PEEK[]', multipart],
  ['BODY.PEEK[HEADER]', multipart.slice(0, multipart.indexOf('--b'))],
  ['BODY.PEEK[TEXT]', multipart.slice(multipart.indexOf('--b'))],
  [
    'BODY.PEEK[HEADER.FIELDS (subject X-LONG)]',
    'Subject: Two parts\r\nSubject: twice\r\nX-Long: one\r\n\ttwo\r\n\r\n',
  ],
  ['BODY.PEEK[HEADER.FIELDS (Nothing)]', '\r\n'],
  ['BODY.PEEK[HEADER.FIELDS.NOT (Subject From X-Long)]', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'],
  ['BODY.PEEK[1]', 'Gr=C3=BC=C3=9Fe  \r\n an alle'],
  ['BODY.PEEK[1]<2.4>', '=C3='],
  ['BODY.PEEK[1]<1000.4>', ''],
  ['BODY.PEEK[]<9007199254740991.9007199254740991>', ''],
  ['BODY.PEEK[2]', 'AAECAw=='],
  [
    'BODY.PEEK[2.MIME]',
    'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n',
  ],
  ['BODY.PEEK[4]', undefined],
  ['BODY.PEEK[1.1]', undefined],
  ['BODY.PEEK[1.HEADER]', undefined],
  ['BINARY.PEEK[1]', 'Gr\xc3\xbc\xc3\x9fe\r\n an alle'],
  ['BINARY.PEEK[2]', '\x00\x01\x02\x03'],
  ['BINARY.PEEK[2]<1.2>', '\x01\x02'],
  ['BINARY.PEEK[9]', undefined],
  ['RFC822.PEEK', multipart],
  ['PREVIEW', 'Gr\xc3\xbc\xc3\x9fe an alle'],
]
for (const [item, value] of parts)
  test(`${item} gives exactly those octets`, async () => {
    const context = await selected(storeOf({ bytes: multipart }), 'INBOX')
    const answer = await fetched(context, ` 1 ${item}`)
    const label = item.replace('.PEEK', '').replace(/<(\d+)\.\d+>/, '<$1>')
    assert.equal(fetchedValue(answer, label)?.toString('latin1'), value)
    assert.ok(answer.endsWith(')\r\n'))
  })

test('BINARY with NUL is a literal8, its size is that of the decoded octets', async () => {
  const context = await selected(storeOf({ bytes: multipart }), 'INBOX')
  assert.match(await fetched(context, ' 1 BINARY.PEEK[2]'), /BINARY\[2\] ~\{4\}\r\n/)
  assert.equal(await fetched(context, ' 1 BINARY.SIZE[2]'), '* 1 FETCH (BINARY.SIZE[2] 4)\r\n')
})

test('NUL in a message is 0x80 where literals may not hold it, and itself in BINARY', async () => {
  const context = await selected(storeOf({ bytes: 'Subject: a\0b\r\n\r\nx\0\r\n' }), 'INBOX')
  const text = await fetched(
    context,
    ' 1 (BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<1.1>)',
  )
  assert.ok(!text.includes('\0'))
  assert.equal(fetchedValue(text, 'BODY[]')?.toString('latin1'), 'Subject: a\x80b\r\n\r\nx\x80\r\n')
  assert.equal(fetchedValue(text, 'BODY[TEXT]<1>')?.toString('latin1'), '\x80')
  assert.match(await fetched(context, ' 1 BINARY.PEEK[1]'), /BINARY\[1\] ~\{4\}\r\nx\0\r\n\)/)
})

test('an unknown transfer encoding ends BINARY with UNKNOWN-CTE', async () => {
  const context = await selected(storeOf({ bytes: multipart }), 'INBOX')
  const { completion } = await run(fetch, context, ' 1 BINARY.PEEK[3]')
  assert.deepEqual([completion?.status, completion?.code], ['NO', 'UNKNOWN-CTE'])
})

test('fetching text without PEEK sets \\Seen by one change for all that lack it', async () => {
  const mailstore = storeOf(simple(1), { ...simple(2), flags: ['\\Seen'] }, simple(3))
  const changes: { keys: readonly MessageKey[]; change: FlagChange }[] = []
  const counting: Mailstore = {
    ...mailstore,
    changeFlags: (id, keys, change, signal) => {
      changes.push({ keys, change })
      return mailstore.changeFlags(id, keys, change, signal)
    },
  }
  const context = await selected(counting, 'INBOX')
  for (const peek of ['BODY.PEEK[]', 'RFC822.HEADER', 'RFC822.PEEK', 'BINARY.PEEK[1]', 'BINARY.SIZE[1]'])
    await fetched(context, ` 1:* ${peek}`)
  assert.deepEqual(changes, [])
  await fetched(context, ' 1:* BODY[TEXT]')
  assert.deepEqual(
    changes.map(({ keys }) => keys),
    [[mailstore.keyOf('INBOX', 1), mailstore.keyOf('INBOX', 3)]],
  )
  assert.equal(mailstore.flagsOf('INBOX', 1), '\\Seen')
})

for (const item of ['BODY[]', 'BODY[HEADER]', 'BODY[1]', 'RFC822', 'RFC822.TEXT', 'BINARY[1]'])
  test(`${item} sets \\Seen, but not in EXAMINE nor for a login that may only read`, async () => {
    const mailstore = storeOf(simple(1))
    await fetched(await selected(mailstore, 'INBOX', { readOnly: true }), ` 1 ${item}`)
    await fetched(await selected(mailstore, 'INBOX', { rights: { readOnly: true } }), ` 1 ${item}`)
    assert.equal(mailstore.flagsOf('INBOX', 1), '')
    await fetched(await selected(mailstore, 'INBOX'), ` 1 ${item}`)
    assert.equal(mailstore.flagsOf('INBOX', 1), '\\Seen')
  })

test('a message is delivered also when it cannot be marked as read', async () => {
  const mailstore: Mailstore = {
    ...storeOf(simple(1)),
    changeFlags: () => Promise.reject(new MailError('unavailable', 'Gmail cannot be reached')),
  }
  const { text, completion } = await run(fetch, await selected(mailstore, 'INBOX'), ' 1 BODY[]')
  assert.match(text, /body 1/)
  assert.equal(completion, undefined)
})

test('CHANGEDSINCE leaves out what has not changed, and 0 leaves out nothing', async () => {
  const mailstore = storeOf(simple(1), simple(2))
  mailstore.setFlags('INBOX', 1, ['\\Flagged'])
  const context = await selected(mailstore, 'INBOX')
  assert.equal(
    await fetched(context, ' 1:* (FLAGS) (CHANGEDSINCE 3)', true),
    '* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (4))\r\n',
  )
  assert.equal((await run(fetch, context, ' 1:* (FLAGS) (CHANGEDSINCE 0)', true)).lines.length, 2)
})

for (const [item, order] of [
  ['ENVELOPE', [1, 2, 3]],
  ['BODY.PEEK[]', [1, 2, 3]],
  // Nobody has read them yet, so the newest is wanted first.
  ['(ENVELOPE BODY.PEEK[])', [3, 2, 1]],
] as const)
  test(`an answer with ${item} does not wait for the message after it`, { timeout: 180_000 }, async () => {
    const mailstore = storeOf(simple(1), simple(2), simple(3))
    mailstore.forget()
    const gates = new Map(order.map((uid) => [mailstore.keyOf('INBOX', uid), Promise.withResolvers<void>()]))
    mailstore.gate = (key) => gates.get(key)?.promise ?? Promise.resolve()
    const context = await selected(mailstore, 'INBOX')
    const answers = fetch.run(context, fetch.parse(new Parser(Buffer.from(` 1:3 ${item}`)), { uid: false }))
    for (const uid of order) {
      gates.get(mailstore.keyOf('INBOX', uid))?.resolve()
      let text = ''
      while (!text.endsWith(')\r\n')) {
        const { value } = await answers.next()
        text += Buffer.from(value as Uint8Array).toString('latin1')
      }
      assert.ok(text.startsWith(`* ${uid} FETCH `))
    }
    assert.equal((await answers.next()).done, true)
  })

test('a message that is gone is left out, and the end says so', async () => {
  const mailstore = storeOf(simple(1), simple(2))
  const gone = mailstore.keyOf('INBOX', 1)
  const without: Mailstore = {
    ...mailstore,
    records: (keys, depth, signal) =>
      mailstore.records(
        keys.filter((key) => key !== gone),
        depth,
        signal,
      ),
    bodies: (keys, signal) =>
      mailstore.bodies(
        keys.filter((key) => key !== gone),
        signal,
      ),
    body: (key, signal) =>
      key === gone ? Promise.reject(new MailError('expunged', 'Gone')) : mailstore.body(key, signal),
  }
  const context = await selected(without, 'INBOX')
  for (const item of ['ENVELOPE', 'BODY.PEEK[]', 'BODY.PEEK[1]', '(ENVELOPE BODY.PEEK[])']) {
    const both = await run(fetch, context, ` 1:2 ${item}`)
    assert.match(both.text, /^\* 2 FETCH /)
    assert.deepEqual([both.completion?.status, both.completion?.code], ['OK', 'EXPUNGEISSUED'])
    const one = await run(fetch, context, ` 1 ${item}`)
    assert.deepEqual([one.text, one.completion?.status], ['', 'NO'])
    assert.equal((await run(fetch, context, ` 1 ${item}`, true)).completion?.status, 'OK')
  }
})

test('trouble in the middle comes after what was read before it', async () => {
  const mailstore = storeOf(simple(1), simple(2))
  const second = mailstore.keyOf('INBOX', 2)
  const failing: Mailstore = {
    ...mailstore,
    async *bodies(keys, signal) {
      for (const key of keys) {
        if (key === second) throw new MailError('throttled', 'Not now')
        yield [{ key, bytes: await mailstore.body(key, signal) }]
      }
    },
  }
  const context = await selected(failing, 'INBOX')
  const answers = fetch.run(context, fetch.parse(new Parser(Buffer.from(' 1:2 BODY[]')), { uid: false }))
  let text = ''
  await assert.rejects(async () => {
    for await (const chunk of answers) text += Buffer.from(chunk as Uint8Array).toString('latin1')
  }, MailError)
  assert.match(text, /^\* 1 FETCH \(BODY\[\] \{30\}\r\n[^]*\)\r\n$/)
  assert.equal(mailstore.flagsOf('INBOX', 1), '\\Seen')
})

test('a large body is passed on as the octets that the mailstore gave, in few chunks', async () => {
  const bytes = Buffer.from(`Subject: x\r\n\r\n${'0123456789'.repeat(10_000)}`)
  const context = await selected(storeOf({ bytes }), 'INBOX')
  const { chunks } = await run(fetch, context, ' 1 BODY.PEEK[]')
  assert.equal(chunks.length, 3)
  assert.equal((chunks[1] as Buffer).buffer, bytes.buffer)
})

test('a client that takes a message in pieces makes us read it once', async () => {
  const text = `Subject: x\r\n\r\n${'0123456789'.repeat(1000)}`
  const mailstore = storeOf({ bytes: text })
  const context = await selected(mailstore, 'INBOX')
  let whole = ''
  for (let at = 0; at <= text.length; at += 1000)
    whole += fetchedValue(
      await fetched(context, ` 1 BODY.PEEK[]<${at}.1000>`, true),
      `BODY[]<${at}>`,
    )?.toString()
  assert.equal(whole, text)
  await fetched(context, ' 1 BODY.PEEK[1]', true)
  assert.equal(mailstore.bodiesRead.length, 1)
})

test('a message that is twice in the view is answered twice', async () => {
  const context = await selected(storeOf(simple(1)), 'INBOX')
  const told = {
    ...context.view.told,
    uids: Uint32Array.of(1, 2),
    keys: Uint32Array.of(1, 1),
    flags: Uint32Array.of(0, 0),
    modSeqs: Float64Array.of(1, 1),
  }
  const { mailbox } = context.view
  const view: View = {
    mailbox,
    readOnly: true,
    told,
    indexesOfSeqs: bothIndexes,
    indexesOfUids: bothIndexes,
    saved: new Uint32Array(),
    contexts: context.view.contexts,
    recent: noneRecent,
  }
  const { lines } = await run(fetch, { ...context, view }, ' 1:2 RFC822.SIZE')
  assert.deepEqual(lines, ['* 1 FETCH (RFC822.SIZE 30)', '* 2 FETCH (RFC822.SIZE 30)'])
})

test('a sequence number beyond the last is an error', async () => {
  const context = await selected(storeOf(simple(1)), 'INBOX')
  await assert.rejects(fetched(context, ' 2 FLAGS'), ProtocolError)
})

test('a client that goes away ends the reading', async () => {
  const mailstore = storeOf(...Array.from({ length: 50 }, (_, i) => simple((i % 28) + 1)))
  const context = await selected(mailstore, 'INBOX')
  const answers = fetch.run(context, fetch.parse(new Parser(Buffer.from(' 1:* BODY.PEEK[]')), { uid: true }))
  mailstore.gate = () => new Promise((resolve) => setImmediate(resolve))
  await answers.next()
  await answers.return(undefined)
  assert.ok(mailstore.bodiesRead.length < 5)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { MailError } from '#mail/errors.ts'
import type { Mailstore, SearchHint } from '#mail/mailstore.ts'
import { Crowd } from '#wire/crowd.ts'
import { search } from '../commands/search.ts'
import { ProtocolError } from '../parser.ts'
import { noneRecent } from '../recent.ts'
import { createMemoryMailstore, type MemoryMessage } from '../testing/memory-mailstore.ts'
import { run, selected, testClock } from '../testing/run-command.ts'

function mail(header: readonly string[], ...body: readonly string[]): Buffer {
  return Buffer.from([...header, '', ...body, ''].join('\r\n'), 'utf8')
}

const dayMs = 86_400_000
/** In January 2026. */
const day = (date: number) => Date.UTC(2026, 0, date)

const messages: MemoryMessage[] = [
  {
    bytes: mail(
      [
        'From: "Ada Lovelace" <ada@example.org>',
        'To: ben@example.org',
        'Subject: Engine notes',
        'Date: Thu, 1 Jan 2026 23:30:00 -0800',
        'Message-ID: <one@example.org>',
        'X-Mood: bright',
      ],
      'The engine weaves algebraic patterns.',
    ),
    flags: ['\\Seen', '\\Answered', '$Forwarded'],
    internalDate: Date.UTC(2026, 0, 2, 7, 30),
  },
  {
    bytes: mail(
      [
        'From: =?ISO-8859-1?Q?J=FCrgen_Stra=DFe?= <j@example.net>',
        'Cc: ada@example.org',
        'Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?=',
        'Date: Sat, 10 Jan 2026 12:00:00 +0000',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: base64',
      ],
      Buffer.from('Ein Gruß, naïvely ENCODED').toString('base64'),
    ),
    flags: ['\\Flagged', 'Later'],
    internalDate: Date.UTC(2026, 0, 10, 12),
  },
  {
    bytes: mail(
      ['From: eve@example.com', 'Bcc: hidden@example.org', 'Subject:', 'X-Mood: dark'],
      `quiet ${'x'.repeat(2000)}`,
    ),
    flags: ['\\Draft', '\\Seen'],
    internalDate: Date.UTC(2026, 0, 11),
  },
]

function storeOf(some = messages) {
  return createMemoryMailstore({
    address: 'ada@example.org',
    mailboxes: [{ name: 'INBOX', role: 'inbox', messages: some }, { name: 'Other' }],
  })
}

/** UIDs 1, 2 and 5: a UID is not a sequence number. */
function spreadStore() {
  const mailstore = storeOf(messages.slice(0, 2))
  for (let i = 0; i < 2; i++) mailstore.remove('INBOX', mailstore.deliver('INBOX', { bytes: '' }))
  mailstore.deliver('INBOX', messages[2] as MemoryMessage)
  return mailstore
}

async function uids(text: string | Buffer, mailstore: Mailstore = spreadStore()): Promise<string> {
  const { lines } = await run(search, await selected(mailstore, 'INBOX'), text, true)
  return lines.join('|').replace('* SEARCH', '').trim()
}

const cases: [keys: string, uids: string][] = [
  ['ALL', '1 2 5'],
  ['all', '1 2 5'],
  ['OLD', '1 2 5'],
  ['NEW', ''],
  ['RECENT', ''],
  ['SEEN', '1 5'],
  ['UNSEEN', '2'],
  ['ANSWERED', '1'],
  ['UNANSWERED', '2 5'],
  ['FLAGGED', '2'],
  ['UNFLAGGED', '1 5'],
  ['DRAFT', '5'],
  ['UNDRAFT', '1 2'],
  ['DELETED', ''],
  ['UNDELETED', '1 2 5'],
  ['KEYWORD later', '2'],
  ['UNKEYWORD LATER', '1 5'],
  ['KEYWORD $forwarded', '1'],
  ['UNKEYWORD $Forwarded', '2 5'],
  ['1', '1'],
  ['3', '5'],
  ['2:*', '2 5'],
  ['*', '5'],
  ['99', ''],
  ['UID 5', '5'],
  ['UID 3', ''],
  ['UID 2:4294967295', '2 5'],
  ['UID 84:*', '5'],
  ['1:2 UID 2:5', '2'],
  // "Whose internal date (disregarding time and timezone)": UTC here. Message 1 was received at 07:30 UTC.
  ['ON 2-Jan-2026', '1'],
  ['ON 1-Jan-2026', ''],
  ['BEFORE 2-Jan-2026', ''],
  ['BEFORE 3-Jan-2026', '1'],
  ['SINCE 10-Jan-2026', '2 5'],
  ['SINCE "11-Jan-2026"', '5'],
  // The Date field's own day, whatever its zone. Message 5 has none.
  ['SENTON 1-Jan-2026', '1'],
  ['SENTON 2-Jan-2026', ''],
  ['SENTBEFORE 10-Jan-2026', '1'],
  ['SENTSINCE 10-Jan-2026', '2'],
  ['SENTSINCE 1-Jan-2000', '1 2'],
  ['LARGER 2000', '5'],
  ['SMALLER 2000', '1 2'],
  ['LARGER 9007199254740991', ''],
  [`OLDER ${(Date.UTC(2026, 5, 15, 12) - Date.UTC(2026, 0, 10, 12)) / 1000}`, '1 2'],
  [`YOUNGER ${(Date.UTC(2026, 5, 15, 12) - Date.UTC(2026, 0, 10, 12)) / 1000}`, '2 5'],
  ['FROM lovelace', '1'],
  ['FROM ADA@', '1'],
  ['FROM "Ada Love"', '1'],
  ['FROM vela', '1'],
  ['TO ben', '1'],
  ['CC ada', '2'],
  ['BCC hidden', '5'],
  ['SUBJECT "engine n"', '1'],
  ['SUBJECT ""', '1 2 5'],
  ['BCC ""', '5'],
  ['TO ""', '1'],
  ['HEADER X-Mood bright', '1'],
  ['HEADER x-mood ""', '1 5'],
  ['HEADER Message-ID <one@example.org>', '1'],
  ['HEADER Subject ""', '1 2 5'],
  ['BODY algebraic', '1'],
  ['BODY lgebra', '1'],
  ['BODY "engine notes"', ''],
  ['BODY encoded', '2'],
  ['TEXT "engine notes"', '1'],
  ['TEXT X-Mood', '1 5'],
  ['NOT SEEN', '2'],
  ['NOT NOT SEEN', '1 5'],
  ['NOT BODY quiet', '1 2'],
  ['OR SEEN FLAGGED', '1 2 5'],
  ['OR FROM eve SUBJECT engine', '1 5'],
  ['OR (SEEN DRAFT) (FLAGGED FROM example.net)', '2 5'],
  ['(SEEN (ANSWERED))', '1'],
  ['SEEN NOT (OR DRAFT FLAGGED)', '1'],
  ['EMAILID 18c000000002', '2'],
  ['THREADID 18C000000002', '2'],
  ['EMAILID zzz', ''],
  ['X-GM-MSGID 27212912787458', '2'],
  ['X-GM-THRID 27212912787457', '1'],
  ['X-GM-RAW algebraic', '1'],
  ['X-GM-RAW engine UNSEEN', ''],
  ['UNSEEN ', '2'],
]
for (const [keys, expected] of cases)
  test(`UID SEARCH ${keys.slice(0, 60)} finds ${expected || 'nothing'}`, async () => {
    assert.equal(await uids(` ${keys}`), expected)
  })

const inUnicode: [text: string, uids: string][] = [
  ['jürgen', '2'],
  ['JÜRGEN STRASSE', '2'],
  ['straße', '2'],
  ['ein gruss', '2'],
  ['NAÏVE', '2'],
  ['naive', ''],
  ['Grüße aus München', '2'],
]
for (const [text, expected] of inUnicode)
  test(`TEXT finds ${text} in decoded text, whatever the case, in any charset and form`, async () => {
    const octets = Buffer.from(text, 'utf8')
    assert.equal(await uids(Buffer.concat([Buffer.from(' TEXT "'), octets, Buffer.from('"')])), expected)
    const literal = Buffer.from(` CHARSET UTF-8 TEXT {${octets.length}+}\r\n`)
    assert.equal(await uids(Buffer.concat([literal, octets])), expected)
    const latin1 = Buffer.from(text, 'latin1')
    const inLatin1 = Buffer.from(` CHARSET "iso-8859-1" TEXT {${latin1.length}}\r\n`)
    assert.equal(await uids(Buffer.concat([inLatin1, latin1])), expected)
  })

test('a save date is the one of this mailbox; where it is not known, the internal date stands for it', async () => {
  const store = storeOf([
    { bytes: mail(['Subject: a']), internalDate: day(1), savedAt: day(5) },
    { bytes: mail(['Subject: b']), internalDate: day(2), savedAt: day(6) - 1 },
    { bytes: mail(['Subject: c']), internalDate: day(5) },
  ])
  const context = await selected(store, 'INBOX')
  const found = async (key: string) => (await run(search, context, ` ${key}`, true)).text
  assert.equal(await found('SAVEDON 5-Jan-2026'), '* SEARCH 1 2 3\r\n')
  assert.equal(await found('SAVEDBEFORE 5-Jan-2026'), '* SEARCH\r\n')
  assert.equal(await found('NOT SAVEDSINCE 6-Jan-2026'), '* SEARCH 1 2 3\r\n')
  assert.equal(await found('savedon 5-jan-2026 BEFORE 3-Jan-2026'), '* SEARCH 1 2\r\n')
})

test('SEARCH without UID gives sequence numbers', async () => {
  const context = await selected(spreadStore(), 'INBOX')
  assert.deepEqual((await run(search, context, ' SEEN')).lines, ['* SEARCH 1 3'])
  assert.deepEqual((await run(search, context, ' DELETED')).lines, ['* SEARCH'])
})

test('an empty mailbox has no messages, whatever is asked', async () => {
  const context = await selected(spreadStore(), 'Other')
  for (const keys of ['ALL', '1:*', '*', 'UID 1:*', 'NOT SEEN', 'TEXT x'])
    assert.deepEqual((await run(search, context, ` ${keys}`)).lines, ['* SEARCH'])
  assert.deepEqual((await run(search, context, ' RETURN (MIN MAX ALL COUNT) ALL')).lines, [
    '* ESEARCH (TAG "a1") COUNT 0',
  ])
})

const returned: [options: string, uid: boolean, line: string][] = [
  ['()', false, '* ESEARCH (TAG "a1") ALL 1:3'],
  ['(ALL)', true, '* ESEARCH (TAG "a1") UID ALL 1:2,5'],
  ['(min max)', true, '* ESEARCH (TAG "a1") UID MIN 1 MAX 5'],
  ['(COUNT)', false, '* ESEARCH (TAG "a1") COUNT 3'],
  ['(MIN MAX ALL COUNT)', false, '* ESEARCH (TAG "a1") MIN 1 MAX 3 ALL 1:3 COUNT 3'],
  ['(SAVE COUNT)', false, '* ESEARCH (TAG "a1") COUNT 3'],
  ['(SAVE)', false, ''],
]
for (const [options, uid, line] of returned)
  test(`${uid ? 'UID ' : ''}SEARCH RETURN ${options} answers ${line || 'nothing'}`, async () => {
    const context = await selected(spreadStore(), 'INBOX')
    const { lines } = await run(search, context, ` RETURN ${options} 1:*`, uid)
    assert.deepEqual(lines, line === '' ? [] : [line])
  })

const savings: [options: string, keys: string, uids: number[]][] = [
  ['(SAVE)', '1:*', [1, 2, 5]],
  ['(SAVE ALL)', '1:*', [1, 2, 5]],
  ['(SAVE COUNT MIN)', '1:*', [1, 2, 5]],
  ['(SAVE MIN)', '1:*', [1]],
  ['(SAVE MAX)', '1:*', [5]],
  ['(SAVE MIN MAX)', '1:*', [1, 5]],
  ['(SAVE MIN MAX)', '2', [2]],
  ['(SAVE)', 'DELETED', []],
]
for (const [options, keys, saved] of savings)
  test(`RETURN ${options} ${keys} saves ${saved.join(' ') || 'nothing'} for $`, async () => {
    const context = await selected(spreadStore(), 'INBOX')
    context.view.saved = Uint32Array.of(2)
    await run(search, context, ` RETURN ${options} ${keys}`)
    assert.deepEqual([...context.view.saved], saved)
    const { lines } = await run(search, context, ' $', true)
    assert.deepEqual(lines, [['* SEARCH', ...saved].join(' ')])
  })

test('a search that fails with NO empties $, one that does not save leaves it', async () => {
  const mailstore = spreadStore()
  const context = await selected(mailstore, 'INBOX')
  context.view.saved = Uint32Array.of(2)
  await run(search, context, ' CHARSET nonsense TEXT x')
  assert.deepEqual([...context.view.saved], [2])
  mailstore.trouble = new MailError('unavailable', 'Not now')
  await assert.rejects(run(search, context, ' RETURN (SAVE) TEXT x'), MailError)
  assert.deepEqual([...context.view.saved], [])
})

test('IMAP4rev2 gets ESEARCH for a plain SEARCH', async () => {
  const context = await selected(spreadStore(), 'INBOX', { enabled: ['IMAP4REV2'] })
  assert.deepEqual((await run(search, context, ' SEEN', true)).lines, ['* ESEARCH (TAG "a1") UID ALL 1,5'])
})

test('MODSEQ searches by it, enables CONDSTORE and tells the highest', async () => {
  const mailstore = storeOf()
  mailstore.setFlags('INBOX', 1, [])
  const context = await selected(mailstore, 'INBOX')
  assert.deepEqual((await run(search, context, ' MODSEQ 4')).lines, ['* SEARCH 1 3 (MODSEQ 5)'])
  assert.deepEqual((await run(search, context, ' MODSEQ "/flags/\\\\draft" all 5')).lines, [
    '* SEARCH 1 (MODSEQ 5)',
  ])
  assert.deepEqual((await run(search, context, ' MODSEQ 99')).lines, ['* SEARCH'])
  assert.ok(context.enabled.has('CONDSTORE'))
  const { text } = await run(search, context, ' RETURN (MAX) MODSEQ 1')
  assert.equal(text, '* ESEARCH (TAG "a1") MAX 3 MODSEQ 4\r\n')
  const both = await run(search, context, ' RETURN (MAX COUNT) MODSEQ 1')
  assert.equal(both.text, '* ESEARCH (TAG "a1") MAX 3 COUNT 3 MODSEQ 5\r\n')
})

for (const charset of ['X-NONSENSE', '"__proto__"', '"constructor"', '""', '"../utf8"'])
  test(`the charset ${charset} is answered by BADCHARSET`, async () => {
    const { completion, lines } = await run(
      search,
      await selected(storeOf(), 'INBOX'),
      ` CHARSET ${charset} ALL`,
    )
    assert.deepEqual([lines, completion?.status, completion?.code], [[], 'NO', 'BADCHARSET (UTF-8 US-ASCII)'])
  })

for (const bad of [
  '',
  ' ',
  ' NONSENSE',
  ' FROM',
  ' ()',
  ' (SEEN',
  ' SEEN)',
  ' OR SEEN',
  ' NOT',
  ' UID',
  ' UID x',
  ' 0',
  ' 1:0',
  ' 4294967296',
  ' ON 32-Jan-2026',
  ' LARGER -1',
  ' LARGER 1e3',
  ' LARGER 0x1',
  ' OLDER 0',
  ' X-GM-MSGID abc',
  ' RETURN (NONSENSE) ALL',
  ' RETURN (ALL)',
  ' CHARSET UTF-8',
  ' SEEN,UNSEEN',
  ` ${'('.repeat(101)}SEEN${')'.repeat(101)}`,
  ` ${'NOT '.repeat(100)}SEEN`,
  ` ${'OR SEEN '.repeat(100)}SEEN`,
  ` ${'ALL '.repeat(1001)}`,
  ' SUBJECT {3}\r\na\x00b',
])
  test(`SEARCH${JSON.stringify(bad.slice(0, 40))} is refused`, async () => {
    await assert.rejects(uids(bad), ProtocolError)
  })

test('nesting up to the limit works', async () => {
  assert.equal(await uids(` ${'('.repeat(99)}SEEN${')'.repeat(99)}`), '1 5')
  assert.equal(await uids(` ${'NOT '.repeat(98)}SEEN`), '1 5')
})

/** What a search asked of the mailstore. */
function watched(mailstore: Mailstore) {
  const asked = { records: 0, bodies: 0, questions: [] as (readonly SearchHint[])[] }
  const watching: Mailstore = {
    ...mailstore,
    records(keys, depth, signal) {
      asked.records += keys.length
      return mailstore.records(keys, depth, signal)
    },
    bodies(keys, signal) {
      asked.bodies += keys.length
      return mailstore.bodies(keys, signal)
    },
    candidates(hints, signal) {
      asked.questions.push(hints)
      return mailstore.candidates(hints, signal)
    },
  }
  return { watching, asked }
}

test('what the view decides is not read, what the record decides is not fetched', async () => {
  const { watching, asked } = watched(storeOf())
  assert.equal(await uids(' UNSEEN NOT 3', watching), '2')
  assert.deepEqual(asked, { records: 0, bodies: 0, questions: [] })
  assert.equal(await uids(' UNSEEN SUBJECT "grüße"'.replace('ü', '\xfc').replace('ß', '\xdf'), watching), '2')
  assert.deepEqual(asked, { records: 1, bodies: 0, questions: [] })
  assert.equal(await uids(' FROM ada OR TEXT algebraic SEEN', watching), '1')
  // Two cannot have the word, and one of them is seen.
  assert.deepEqual(asked, { records: 3, bodies: 0, questions: [] })
  assert.equal(await uids(' TEXT weaves SUBJECT engine', watching), '1')
  assert.deepEqual(asked, { records: 4, bodies: 1, questions: [] })
})

const many = Array.from({ length: 60 }, (_, i): MemoryMessage => ({
  bytes: mail([`From: p${i}@example.org`, `Subject: number ${i}`], i % 10 === 0 ? 'rare word' : 'common'),
  internalDate: Date.UTC(2026, 0, 1) + i * dayMs,
}))

test('of messages nobody has read, Gmail chooses which are read, and the text decides', async () => {
  const mailstore = storeOf(many)
  mailstore.forget()
  const { watching, asked } = watched(mailstore)
  assert.equal(await uids(' BODY "rare word"', watching), '1 11 21 31 41 51')
  assert.deepEqual(asked.questions, [[{ field: 'text', value: 'rare word' }]])
  assert.equal(asked.bodies, 6)
})

test('keys that must all match are one question, with room at the edges of a day', async () => {
  const mailstore = storeOf(many)
  mailstore.forget()
  const { watching, asked } = watched(mailstore)
  assert.equal(await uids(' FROM example.org SINCE 3-Jan-2026 BEFORE 5-Jan-2026', watching), '3 4')
  assert.deepEqual(asked.questions, [
    [
      { field: 'from', value: 'example.org' },
      { field: 'since', value: String(Date.UTC(2026, 0, 3) - 2000) },
      { field: 'before', value: String(Date.UTC(2026, 0, 5) + 2000) },
    ],
  ])
  assert.ok(asked.records <= 4)
})

test('a Message-ID is asked for by itself, and nothing else of a header field reaches Gmail as an operator', async () => {
  const mailstore = storeOf(many)
  mailstore.forget()
  const { watching, asked } = watched(mailstore)
  await uids(' HEADER Message-ID "<a.b+c@example.org>"', watching)
  assert.deepEqual(asked.questions, [[{ field: 'gmail', value: 'rfc822msgid:a.b+c@example.org' }]])
  asked.questions.length = 0
  mailstore.forget()
  await uids(' HEADER Message-ID "<a OR in:trash@example.org>"', watching)
  assert.deepEqual(asked.questions, [])
})

test('a search over unread messages finds the same as over read ones', async () => {
  const key = fc.constantFrom(
    'BODY rare',
    'SUBJECT "number 3"',
    'FROM p7@',
    'SEEN',
    'SINCE 20-Jan-2026',
    'BEFORE 9-Feb-2026',
    'LARGER 60',
    'UID 10:40',
    'HEADER X-None y',
  )
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      key,
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `OR ${a} ${b}`),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} ${b})`),
      tie('tree').map((inner) => `NOT ${inner}`),
    ),
  }))
  const mailstore = storeOf(many)
  for (let i = 1; i <= 60; i += 4) mailstore.setFlags('INBOX', i, ['\\Seen'])
  await fc.assert(
    fc.asyncProperty(tree, async (keys) => {
      const known = await uids(` ${keys}`, mailstore)
      mailstore.forget()
      assert.equal(await uids(` ${keys}`, mailstore), known)
      // Everything is read again.
      assert.equal(await uids(' HEADER X-None y', mailstore), '')
    }),
    { numRuns: 60 },
  )
})

test('who asks for a text again is told without a message read, and of new ones only the new', async () => {
  const mailstore = storeOf(many)
  const ask = async (keys: string) => {
    const { watching, asked } = watched(mailstore)
    return { found: await uids(` ${keys}`, watching), read: asked.bodies }
  }
  // Three letters: no sieve can tell.
  const { found, read } = await ask('BODY rar')
  assert.equal(read, many.length)
  assert.deepEqual(await ask('BODY RAR'), { found, read: 0 })
  const others = await uids(` NOT UID ${found.replaceAll(' ', ',')}`, mailstore)
  assert.deepEqual(await ask('NOT BODY rar'), { found: others, read: 0 })
  assert.equal((await ask('TEXT rar')).read, many.length, 'TEXT is another question')
  mailstore.deliver('INBOX', { bytes: mail(['Subject: new'], 'a rar one') })
  assert.deepEqual(await ask('BODY rar'), { found: `${found} ${many.length + 1}`, read: 1 })
})

test('X-GM-RAW is asked of Gmail as it is', async () => {
  const { watching, asked } = watched(storeOf())
  await uids(' X-GM-RAW "has:attachment in:unread"', watching)
  assert.deepEqual(asked.questions, [[{ field: 'gmail', value: 'has:attachment in:unread' }]])
})

test('a message that is gone matches nothing, not even by NOT', async () => {
  const mailstore = storeOf()
  const gone = mailstore.keyOf('INBOX', 2)
  const without: Mailstore = {
    ...mailstore,
    mayHold: async (keys, texts) => new Map(texts.map((text) => [text, new Set(keys)])),
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
  }
  assert.equal(await uids(' NOT FROM nobody', without), '1 3')
  assert.equal(await uids(' NOT TEXT nothing', without), '1 3')
})

test('a search for much in a hundred thousand messages lets others run', async () => {
  const context = await selected(storeOf(many), 'INBOX')
  const count = 100_000
  const told = {
    ...context.view.told,
    uids: Uint32Array.from({ length: count }, (_, i) => i + 1),
    keys: Uint32Array.from({ length: count }, (_, i) => i + 1),
    flags: new Uint32Array(count),
    modSeqs: new Float64Array(count),
  }
  const { mailbox, saved } = context.view
  const view = {
    mailbox,
    saved,
    contexts: context.view.contexts,
    recent: noneRecent,
    readOnly: true,
    told,
    indexesOfSeqs: () => new Uint32Array(),
    indexesOfUids: () => new Uint32Array(),
  }
  let time = 0
  // Every look at the clock finds that the turn is over.
  const clock = { ...testClock, monotonicMs: () => (time += 1000) }
  const turns = new Crowd(clock).join()
  let others = 0
  let searching = true
  const count100 = () => {
    others++
    if (searching) setImmediate(count100)
  }
  setImmediate(count100)
  const keys = ' UNSEEN'.repeat(50)
  const { lines } = await run(search, { ...context, turns, view }, ` RETURN (COUNT)${keys}`)
  searching = false
  assert.deepEqual(lines, [`* ESEARCH (TAG "a1") COUNT ${count}`])
  assert.ok(others > 10)
})

test('a long result comes in pieces that make one line', async () => {
  const context = await selected(storeOf(many), 'INBOX')
  const count = 50_000
  const told = {
    ...context.view.told,
    uids: Uint32Array.from({ length: count }, (_, i) => 2 * i + 1),
    keys: new Uint32Array(count),
    flags: new Uint32Array(count),
    modSeqs: new Float64Array(count),
  }
  const view = {
    mailbox: context.view.mailbox,
    saved: new Uint32Array(),
    contexts: context.view.contexts,
    recent: noneRecent,
    readOnly: true,
    told,
    indexesOfSeqs: () => new Uint32Array(),
    indexesOfUids: () => new Uint32Array(),
  }
  const { lines, chunks } = await run(search, { ...context, view }, ' ALL', true)
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.split(' ').length, count + 2)
  assert.ok(chunks.length > 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import PostalMime from 'postal-mime'
import { messages } from '#test/fixtures/messages.ts'
import { findSection, headerFields } from './sections.ts'
import { parseStructure } from './structure.ts'
import { partsWithPaths } from './testing/tree.ts'
import { decodeTransferEncoding } from './transfer-encoding.ts'

/** RFC 9051 section 6.4.5's example of part numbers, as octets. */
const example = Buffer.from(
  [
    'Subject: outer',
    'Content-Type: multipart/mixed; boundary=o',
    '',
    '--o',
    '',
    'one',
    '--o',
    'Content-Type: application/octet-stream',
    '',
    'two',
    '--o',
    'Content-Type: message/rfc822',
    '',
    'Subject: third',
    'Content-Type: multipart/mixed; boundary=t',
    '',
    '--t',
    '',
    'three one',
    '--t',
    'Content-Type: application/octet-stream',
    '',
    'three two',
    '--t--',
    '--o',
    'Content-Type: multipart/mixed; boundary=f',
    '',
    '--f',
    'Content-Type: image/gif',
    'Content-ID: <gif>',
    '',
    'four one',
    '--f',
    'Content-Type: message/rfc822',
    '',
    'Subject: four two',
    'Content-Type: multipart/mixed; boundary=ft',
    '',
    '--ft',
    'Content-Type: text/plain',
    '',
    'four two one',
    '--ft',
    'Content-Type: multipart/alternative; boundary=ftt',
    '',
    '--ftt',
    'Content-Type: text/plain',
    '',
    'four two two one',
    '--ftt',
    'Content-Type: text/richtext',
    '',
    'four two two two',
    '--ftt--',
    '--ft--',
    '--f--',
    '--o--',
    '',
  ].join('\r\n'),
)

for (const [path, kind, text] of [
  ['1', '', 'one'],
  ['2', '', 'two'],
  ['3', 'HEADER', 'Subject: third\r\nContent-Type: multipart/mixed; boundary=t\r\n\r\n'],
  ['3', 'MIME', 'Content-Type: message/rfc822\r\n\r\n'],
  ['3.1', '', 'three one'],
  ['3.2', '', 'three two'],
  ['4.1', 'MIME', 'Content-Type: image/gif\r\nContent-ID: <gif>\r\n\r\n'],
  ['4.1', '', 'four one'],
  ['4.2', 'HEADER', 'Subject: four two\r\nContent-Type: multipart/mixed; boundary=ft\r\n\r\n'],
  ['4.2.1', '', 'four two one'],
  ['4.2.2.1', '', 'four two two one'],
  ['4.2.2.2', '', 'four two two two'],
  ['1', 'HEADER', undefined],
  ['1', 'TEXT', undefined],
  ['1.1', '', undefined],
  ['0', '', undefined],
  ['5', '', undefined],
  ['3.3', '', undefined],
  ['4.2.1.1', '', undefined],
] as const)
  test(`BODY[${path}${kind && `.${kind}`}]`, () => {
    const section = findSection(example, parseStructure(example), path.split('.').map(Number), kind)
    assert.equal(section?.toString(), text)
  })

test('a message without parts has itself as part 1, with its header as MIME header', () => {
  const bytes = messages.get('simple') as Buffer
  const structure = parseStructure(bytes)
  assert.equal(findSection(bytes, structure, [1], '')?.toString(), 'Hello.\r\n')
  assert.deepEqual(findSection(bytes, structure, [1], 'MIME'), findSection(bytes, structure, [], 'HEADER'))
  assert.equal(findSection(bytes, structure, [], ''), bytes)
  assert.equal(findSection(bytes, structure, [], 'MIME'), undefined)
})

test('header and text together are the message, in every fixture', () => {
  for (const [name, bytes] of messages) {
    const structure = parseStructure(bytes)
    const header = findSection(bytes, structure, [], 'HEADER') as Buffer
    const text = findSection(bytes, structure, [], 'TEXT') as Buffer
    assert.ok(Buffer.concat([header, text]).equals(bytes), name)
  }
})

test('attachments written by nodemailer come out octet for octet, and as postal-mime reads them', async () => {
  const attachment = fc.record({
    content: fc.uint8Array({ maxLength: 300 }),
    contentTransferEncoding: fc.constantFrom('base64' as const, 'quoted-printable' as const),
    filename: fc.stringMatching(/^[a-zäöü ]{1,20}\.bin$/),
  })
  const text = fc.stringMatching(/^[ -~äöü\n]{1,200}$/)
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(attachment, { minLength: 1, maxLength: 4 }),
      async (words, attachments) => {
        const bytes = await new MailComposer({
          from: 'ada@example.org',
          text: words,
          html: `<p>${words}</p>`,
          attachments: attachments.map((one) => ({ ...one, content: Buffer.from(one.content) })),
        })
          .compile()
          .build()
        const structure = parseStructure(bytes)
        const found = partsWithPaths(structure)
          .filter(({ part }) => part.disposition?.value.toLowerCase() === 'attachment')
          .map(({ part, path }) =>
            decodeTransferEncoding(findSection(bytes, structure, path, '') as Buffer, part.encoding),
          )
        const theirs = await PostalMime.parse(bytes)
        assert.deepEqual(
          found,
          attachments.map(({ content }) => Buffer.from(content)),
        )
        // postal-mime ends quoted-printable with a line feed of its own.
        for (const [index, { contentTransferEncoding }] of attachments.entries())
          if (contentTransferEncoding === 'base64')
            assert.deepEqual(found[index], Buffer.from(theirs.attachments[index]?.content as ArrayBuffer))
      },
    ),
    { numRuns: 40 },
  )
})

test('postal-mime finds the same leaves in the fixtures', async () => {
  for (const name of ['binary-attachment', 'smime-signed', 'pgp-mime-encrypted', 'nul-octets']) {
    const bytes = messages.get(name) as Buffer
    const structure = parseStructure(bytes)
    const ours = partsWithPaths(structure)
      .filter(
        ({ part }) =>
          part.children.length === 0 &&
          (part.disposition !== undefined || !part.mediaType.startsWith('text/')),
      )
      .map(({ part, path }) =>
        decodeTransferEncoding(findSection(bytes, structure, path, '') as Buffer, part.encoding),
      )
    const theirs = (await PostalMime.parse(bytes)).attachments.map(({ content }) =>
      Buffer.from(content as ArrayBuffer),
    )
    assert.deepEqual(
      ours.map((one) => one?.toString('latin1').replaceAll('\r\n', '\n').trimEnd()),
      theirs.map((one) => one.toString('latin1').trimEnd()),
      name,
    )
  }
})

const header = Buffer.from(
  'To: a\r\nSubject: s\r\n folded\r\nto : b\r\nX-Subject: x\r\nBad line\r\n more\r\n\r\n',
)

for (const [names, not, text] of [
  [['Subject'], false, 'Subject: s\r\n folded\r\n\r\n'],
  [['TO'], false, 'To: a\r\nto : b\r\n\r\n'],
  [['subject', 'to'], false, 'To: a\r\nSubject: s\r\n folded\r\nto : b\r\n\r\n'],
  [['Subject', 'To'], true, 'X-Subject: x\r\nBad line\r\n more\r\n\r\n'],
  [['Nothing'], false, '\r\n'],
  [[], false, '\r\n'],
  [['Sub', 'Subjects', 'X'], false, '\r\n'],
  [[], true, header.toString()],
] as const)
  test(`HEADER.FIELDS${not ? '.NOT' : ''} (${names.join(' ')})`, () => {
    assert.equal(headerFields(header, names, not).toString(), text)
  })

test('HEADER.FIELDS of a header without an end gets one', () => {
  assert.equal(headerFields(Buffer.from('To: a'), ['to'], false).toString(), 'To: a\r\n\r\n')
  assert.equal(headerFields(Buffer.from('To: a\n'), ['to'], false).toString(), 'To: a\n\r\n')
  assert.equal(headerFields(Buffer.from('To: a\nX: b\n\n'), ['to'], false).toString(), 'To: a\n\n')
  assert.equal(headerFields(Buffer.alloc(0), ['to'], false).toString(), '\r\n')
})

test('HEADER.FIELDS and HEADER.FIELDS.NOT share every line of a header between them', () => {
  const field = fc.constantFrom(
    'To: a',
    'to: b',
    'Subject: s',
    ' folded',
    '\ttoo',
    'Bad',
    ': c',
    'To',
    'X-To: d',
  )
  fc.assert(
    fc.property(fc.array(field), (lines) => {
      const bytes = Buffer.from([...lines, '', ''].join('\r\n'))
      const rows = (not: boolean) =>
        headerFields(bytes, ['to', 'subject'], not).toString().slice(0, -2).split('\r\n').filter(Boolean)
      assert.deepEqual([...rows(false), ...rows(true)].toSorted(), lines.toSorted())
    }),
  )
})

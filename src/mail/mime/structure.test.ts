import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { messages } from '#test/fixtures/messages.ts'
import { depthLimit, parseParts, parseStructure, partLimit, type Part } from './structure.ts'
import { treeText } from './testing/tree.ts'

/** Trees that are no text/plain. */
const trees = new Map([
  ['alternative', 'multipart/alternative(text/plain text/html)'],
  ['preamble-and-epilogue', 'multipart/mixed(text/plain)'],
  ['missing-closing-boundary', 'multipart/mixed(text/plain text/plain)'],
  ['nested-same-boundary', 'multipart/mixed(multipart/alternative(text/plain) text/plain)'],
  ['boundary-is-prefix', 'multipart/mixed(multipart/mixed(text/plain) text/plain)'],
  ['boundary-with-blanks', 'multipart/mixed(text/plain)'],
  ['empty-parts', 'multipart/mixed(text/plain text/plain text/plain)'],
  ['hundred-parts', `multipart/mixed(${Array.from({ length: 100 }, () => 'text/plain').join(' ')})`],
  ['ten-levels-deep', `${'multipart/mixed('.repeat(10)}text/plain${')'.repeat(10)}`],
  [
    'rfc822-in-rfc822',
    'multipart/mixed(text/plain message/rfc822[multipart/mixed(message/rfc822[text/plain])])',
  ],
  ['rfc822-root', 'message/rfc822[text/plain]'],
  ['rfc822-base64', 'multipart/mixed(application/octet-stream)'],
  ['multipart-digest', 'multipart/digest(message/rfc822[text/plain] text/plain message/rfc822[text/plain])'],
  ['rfc2231-filename', 'multipart/mixed(text/plain)'],
  ['parameters-untidy', 'multipart/mixed(text/plain text/plain image/png)'],
  ['part-headers-full', 'multipart/mixed(text/plain)'],
  ['binary-attachment', 'multipart/mixed(text/plain application/octet-stream)'],
  ['nul-octets', 'application/octet-stream'],
  ['dsn-report', 'multipart/report(text/plain message/delivery-status text/rfc822-headers)'],
  ['smime-signed', 'multipart/signed(text/plain application/pkcs7-signature)'],
  ['pgp-mime-encrypted', 'multipart/encrypted(application/pgp-encrypted application/octet-stream)'],
  ['calendar-invitation', 'multipart/alternative(text/plain text/calendar)'],
  ['folded-boundary-header', 'multipart/mixed(text/html)'],
])

for (const [name, bytes] of messages)
  test(`the structure of ${name}`, () => {
    assert.equal(treeText(parseStructure(bytes)), trees.get(name) ?? 'text/plain')
  })

/** Asserts what must hold of every tree; gives the number of parts. */
export function checkTree(part: Part, bytes: Buffer, from = 0, to = bytes.length, depth = 1): number {
  assert.ok(depth <= depthLimit, 'too deep')
  assert.ok(from <= part.headerStart && part.headerStart <= part.bodyStart)
  assert.ok(part.bodyStart <= part.bodyEnd && part.bodyEnd <= to)
  assert.equal(part.mediaType, `${part.type}/${part.subtype}`.toLowerCase())
  assert.equal(part.mediaType.startsWith('multipart/'), part.children.length > 0)
  if (part.message !== undefined || part.mediaType.startsWith('text/')) {
    const body = bytes.subarray(part.bodyStart, part.bodyEnd)
    assert.equal(part.lines, body.toString('latin1').split('\n').length - 1)
  }
  let count = 1
  let at = part.bodyStart
  for (const child of [...part.children, ...(part.message === undefined ? [] : [part.message])]) {
    count += checkTree(child, bytes, at, part.bodyEnd, depth + 1)
    at = child.bodyEnd
  }
  return count
}

test('without lines to be counted the tree is the same, in every fixture', () => {
  const withoutLines = (part: Part): Part => ({
    ...part,
    lines: 0,
    children: part.children.map(withoutLines),
    message: part.message && withoutLines(part.message),
  })
  for (const bytes of messages.values())
    assert.deepEqual(parseParts(bytes), withoutLines(parseStructure(bytes)))
})

test('parts lie inside their parents and one after another, in every fixture', () => {
  for (const bytes of messages.values()) checkTree(parseStructure(bytes), bytes)
})

/** Text that is nearly MIME. */
const line = fc.constantFrom(
  '--a',
  '--a--',
  '--b',
  '--b--',
  '--',
  '',
  'text',
  ' folded',
  'Content-Type: multipart/mixed; boundary=a',
  'Content-Type: multipart/digest; boundary=b',
  'Content-Type: message/rfc822',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: base64',
  'From: x@example.org',
)
const nearlyMime = fc
  .array(fc.tuple(line, fc.constantFrom('\r\n', '\n', '', '\r')), { maxLength: 60 })
  .map((lines) => Buffer.from(lines.flat().join(''), 'latin1'))

test('parts lie inside their parents and one after another, in anything', () => {
  fc.assert(
    fc.property(nearlyMime, (bytes) => void checkTree(parseStructure(bytes), bytes)),
    { numRuns: 3000 },
  )
})

function nested(levels: number): Buffer {
  const lines: string[] = []
  for (let level = 0; level < levels; level++)
    lines.push(`Content-Type: multipart/mixed; boundary=b${level}`, '', `--b${level}`)
  lines.push('', 'the bottom')
  for (let level = levels - 1; level >= 0; level--) lines.push(`--b${level}--`)
  return Buffer.from(lines.join('\r\n'))
}

for (const [name, bytes, parts] of [
  [
    '100,000 parts',
    Buffer.from(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}--b--\r\n`,
    ),
    partLimit,
  ],
  [
    '100,000 empty parts',
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n'.repeat(100_000)}`),
    partLimit,
  ],
  [
    '100,000 messages of a digest',
    Buffer.from(`Content-Type: multipart/digest; boundary=b\n\n${'--b\n\n\nx\n'.repeat(100_000)}`),
    partLimit,
  ],
  ['10,000 levels', nested(10_000), depthLimit],
  [
    '10,000 messages in one another',
    Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)),
    depthLimit,
  ],
  [
    'a million dashes',
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--\n'.repeat(1_000_000)}--b\n`),
    2,
  ],
  [
    'a boundary that is never closed in a very long line',
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n--b${' '.repeat(5_000_000)}`),
    1,
  ],
] as const)
  test(`${name} make at most ${parts} parts`, () => {
    const count = checkTree(parseStructure(bytes), bytes)
    assert.ok(count <= parts + 1, `${count} parts`)
    assert.ok(count >= parts / 2, `${count} parts`)
  })

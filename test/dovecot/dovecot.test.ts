import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import { findSection, type SectionKind } from '#mail/mime/sections.ts'
import { parseStructure, type Part } from '#mail/mime/structure.ts'
import { summarise } from '#mail/mime/summarise.ts'
import { readImapValue, type ImapValue } from '#mail/mime/testing/imap-value.ts'
import { messages } from '#test/fixtures/messages.ts'
import { differences } from './differences.ts'
import { hasDovecot, startDovecot, type Dovecot } from './dovecot.ts'
import { FetchClient } from './fetch.ts'

const absent = hasDovecot() ? false : 'Dovecot 2.3 is not installed here (Debian 12: dovecot-imapd)'
const names = [...messages.keys()].sort((a, b) => (`${a}.eml` < `${b}.eml` ? -1 : 1))

/** Path and kind of every section that a message has. */
function sections(structure: Part): [path: number[], kind: SectionKind][] {
  const found: [number[], SectionKind][] = [
    [[], ''],
    [[], 'HEADER'],
    [[], 'TEXT'],
  ]
  const visit = (part: Part, path: number[]) => {
    found.push([path, ''], [path, 'MIME'])
    if (part.message !== undefined) {
      found.push([path, 'HEADER'], [path, 'TEXT'])
      inside(part.message, path)
    }
    for (const [index, child] of part.children.entries()) visit(child, [...path, index + 1])
  }
  const inside = (root: Part, path: number[]) => {
    if (root.children.length === 0) visit(root, [...path, 1])
    else for (const [index, child] of root.children.entries()) visit(child, [...path, index + 1])
  }
  inside(structure, [])
  return found
}

/**
 * Dovecot writes a charset of us-ascii into every text part that names none. RFC 9051 section 7.5.2 gives what "[MIME-IMB]
 * defines", and RFC 2046 section 4.1.2 has that default for text/plain: we say it only where there is no Content-Type.
 */
function withCharset(value: ImapValue): ImapValue {
  if (!Array.isArray(value)) return value
  const [type, subtype, parameters, ...rest] = value as ImapValue[]
  const list = parameters ?? []
  if (
    typeof type !== 'string' ||
    type.toLowerCase() !== 'text' ||
    typeof subtype !== 'string' ||
    !Array.isArray(list)
  )
    return value.map(withCharset)
  const named = list.some((name, index) => index % 2 === 0 && String(name).toLowerCase() === 'charset')
  return [type, subtype, named ? list : [...list, 'charset', 'us-ascii'], ...rest]
}

/** What we say of a message, by FETCH item. */
function ours(bytes: Buffer): Map<string, ImapValue> {
  const structure = parseStructure(bytes)
  const { summary } = summarise(bytes)
  const items = new Map<string, ImapValue>([
    ['RFC822.SIZE', { atom: String(summary.sizeBytes) }],
    ['ENVELOPE', readImapValue(summary.envelope)],
    ['BODYSTRUCTURE', readImapValue(summary.bodyStructure)],
    ['BODY', readImapValue(summary.body)],
  ])
  for (const [path, kind] of sections(structure)) {
    const section = findSection(bytes, structure, path, kind)
    assert.ok(section !== undefined)
    const name = [...path, ...(kind === '' ? [] : [kind])].join('.')
    // RFC 9051 section 9: no string holds NUL; Dovecot says 0x80 for it.
    items.set(`BODY[${name}]`, section.toString('latin1').replaceAll('\0', '\x80'))
  }
  return items
}

describe('Dovecot says the same', { skip: absent }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-dovecot-'))
  let dovecot: Dovecot
  let client: FetchClient

  before(async () => {
    for (const name of names)
      writeFileSync(join(folder, `${name}.eml`), canonicalLineEnds(messages.get(name) as Buffer))
    dovecot = await startDovecot({ mail: folder })
    client = await FetchClient.connect(dovecot.imap)
    await client.command(`LOGIN ${dovecot.user} ${dovecot.password}`)
    await client.command('SELECT INBOX')
  })

  after(async () => {
    client.close()
    await dovecot.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [index, name] of names.entries())
    test(`of ${name}`, async () => {
      const said = ours(canonicalLineEnds(messages.get(name) as Buffer))
      const theirs = await client.fetch(
        index + 1,
        [...said.keys()].map((item) => item.replace('BODY[', 'BODY.PEEK[')),
      )
      const differing = [...said].filter(
        ([item, value]) => !isDeepStrictEqual(withCharset(value), withCharset(theirs.get(item) ?? null)),
      )
      const expected = differences.find(({ fixture }) => fixture === name)?.items ?? []
      assert.deepEqual(
        differing.map(([item]) => item),
        expected,
        differing
          .map(([item, value]) => `${item}: ${JSON.stringify({ theirs: theirs.get(item), ours: value })}`)
          .join('\n'),
      )
    })
})

test('every difference is of a fixture that exists', () => {
  for (const { fixture } of differences) assert.ok(messages.has(fixture), fixture)
})

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { capabilities } from '#imap/capabilities.ts'
import { transcripts } from '#test/transcript/library.ts'

const root = join(import.meta.dirname, '..', '..')

/** Each row of docs/clients.md that says something. */
const rows = readFileSync(join(root, 'docs', 'clients.md'), 'utf8')
  .split(/\r?\n/)
  .filter((line) => /^\| (?!(?:does|trap) \|)/.test(line))

/** Their last columns. */
const proofs = rows.map((line) => line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '')

test('what docs/clients.md gives as proof exists', () => {
  const names = new Set(transcripts().map(({ name }) => name))
  for (const proof of proofs) {
    const [, plain = '', file, sentence = ''] = /^(.*?)(?:(\S+\.test\.ts): (.+))?$/.exec(proof) ?? []
    const named = [...plain.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')
    assert.ok(named.length > 0 || file !== undefined, `no proof in: ${proof}`)
    for (const name of named) assert.ok(names.has(name), `no transcript ${name}`)
    if (file === undefined) continue
    assert.ok(existsSync(join(root, file)), `no file ${file}`)
    const text = readFileSync(join(root, file), 'utf8').replaceAll('\\\\', '\\')
    assert.ok(text.includes(`'${sentence}'`), `no such test in ${file}: ${sentence}`)
  }
})

test('each of the twenty traps has a test that is named after it', () => {
  const traps = rows.flatMap((line) => /^\| (\d+)\. /.exec(line)?.[1] ?? [])
  assert.deepEqual(
    traps,
    Array.from({ length: 20 }, (_, i) => String(i + 1)),
  )
  for (const number of traps) {
    const name = `trap-${number.padStart(2, '0')}-`
    const row = rows.find((line) => line.startsWith(`| ${number}. `))
    const own = transcripts().filter((one) => one.name.startsWith(name))
    assert.ok(own.length > 0, `no transcript ${name}`)
    for (const one of own) assert.ok(row?.includes(`\`${one.name}\``), `${one.name} is not in its row`)
  }
})

test('X-GM-EXT-1 is announced whole or not at all', async () => {
  if (!capabilities.some(([word]) => word === 'X-GM-EXT-1')) return
  const { readFetchItems } = await import('#imap/fetch/item.ts')
  const { Parser } = await import('#imap/parser.ts')
  for (const item of ['X-GM-MSGID', 'X-GM-THRID', 'X-GM-LABELS'])
    assert.equal(readFetchItems(new Parser(Buffer.from(item)))[0]?.label, item)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import PostalMime from 'postal-mime'
import { messages } from '#test/fixtures/messages.ts'
import type { Selected } from '../command.ts'
import { fetch } from '../commands/fetch.ts'
import { fetchedValue } from '../testing/fetched-value.ts'
import { createMemoryMailstore } from '../testing/memory-mailstore.ts'
import { run, selected } from '../testing/run-command.ts'

async function contextOf(bytes: Buffer): Promise<Selected> {
  const mailboxes = [{ name: 'INBOX', messages: [{ bytes }] }]
  return selected(createMemoryMailstore({ address: 'ada@example.org', mailboxes }), 'INBOX')
}

async function value(context: Selected, item: string, label: string): Promise<Buffer | undefined> {
  return fetchedValue((await run(fetch, context, ` 1 ${item}`)).text, label)
}

/** Every part number that exists, found by asking. */
async function partNumbers(context: Selected, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for (let n = 1; ; n++) {
    const path = `${prefix}${n}`
    if ((await value(context, `BODY.PEEK[${path}]`, `BODY[${path}]`)) === undefined) return found
    found.push(path, ...(path.split('.').length < 6 ? await deeper(context, path) : []))
  }
}

/** A part that is no multipart and no message has itself as its only part: `1` and `1.1` never both. */
async function deeper(context: Selected, path: string): Promise<string[]> {
  return partNumbers(context, `${path}.`)
}

for (const [name, file] of messages) {
  // NUL cannot cross in a literal.
  const bytes = Buffer.from(file.map((octet) => octet || 0x80))
  test(`${name}: the whole is the file, its size is the file's, header and text make up the whole`, async () => {
    const context = await contextOf(file)
    assert.deepEqual(await value(context, 'BODY.PEEK[]', 'BODY[]'), bytes)
    assert.deepEqual(await value(context, 'RFC822.PEEK', 'RFC822'), bytes)
    const { text } = await run(fetch, context, ' 1 RFC822.SIZE')
    assert.equal(text, `* 1 FETCH (RFC822.SIZE ${bytes.length})\r\n`)
    const header = await value(context, 'BODY.PEEK[HEADER]', 'BODY[HEADER]')
    const body = await value(context, 'BODY.PEEK[TEXT]', 'BODY[TEXT]')
    assert.ok(header !== undefined && body !== undefined)
    assert.deepEqual(Buffer.concat([header, body]), bytes)
    // The header from the record and the header cut from the message are the same.
    const both = (await run(fetch, context, ' 1 (BODY.PEEK[HEADER] BODY.PEEK[])')).text
    assert.deepEqual(fetchedValue(both, 'BODY[HEADER]'), header)
  })

  test(`${name}: any partial is that piece of its section`, async () => {
    const context = await contextOf(bytes)
    const sections = ['', 'HEADER', 'TEXT', ...(await partNumbers(context)).slice(0, 4)]
    const wholes = new Map<string, Buffer>()
    for (const section of sections)
      wholes.set(section, (await value(context, `BODY.PEEK[${section}]`, `BODY[${section}]`)) as Buffer)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sections),
        fc.nat(bytes.length + 10),
        fc.integer({ min: 1, max: bytes.length + 10 }),
        async (section, offset, count) => {
          const piece = await value(
            context,
            `BODY.PEEK[${section}]<${offset}.${count}>`,
            `BODY[${section}]<${offset}>`,
          )
          assert.deepEqual(piece, wholes.get(section)?.subarray(offset, offset + count))
        },
      ),
      { numRuns: 15 },
    )
  })

  test(`${name}: what an independent parser finds in it is one of its parts, octet for octet`, async () => {
    const context = await contextOf(bytes)
    const decoded: Buffer[] = []
    for (const path of await partNumbers(context)) {
      const part = await value(context, `BINARY.PEEK[${path}]`, `BINARY[${path}]`)
      if (part !== undefined) decoded.push(part)
    }
    const { attachments } = await PostalMime.parse(bytes, { forceRfc822Attachments: true })
    for (const { content, filename } of attachments) {
      const octets = Buffer.from(typeof content === 'string' ? content : new Uint8Array(content))
      assert.ok(
        decoded.some((part) => withoutLastBreak(part).equals(withoutLastBreak(octets))),
        `${filename}: ${octets.toString('latin1').slice(0, 60)}`,
      )
    }
  })
}

/** postal-mime ends text with a line break of its own, and reads all line ends as LF. */
function withoutLastBreak(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replaceAll('\r\n', '\n').replace(/\n$/, ''), 'latin1')
}

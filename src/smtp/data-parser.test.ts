import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DataParser } from './data-parser.ts'

/** What a message is that comes in these chunks, and the command behind it. */
async function parsed(chunks: readonly Buffer[]): Promise<{ message: string; command: string }> {
  const parser = new DataParser()
  const stream = parser.startDataMode()
  const octets: Buffer[] = []
  stream.on('data', (chunk: Buffer) => octets.push(Buffer.from(chunk)))
  const ended = Promise.withResolvers<void>()
  stream.on('end', ended.resolve)
  const command = new Promise<string>((resolve) => {
    parser.oncommand = (line) => resolve(line.toString('latin1'))
  })
  for (const chunk of chunks) parser.write(chunk)
  await ended.promise
  parser.continue()
  return { message: Buffer.concat(octets).toString('latin1'), command: await command }
}

const piece = fc.constantFrom(
  '\r\n',
  '\r\n.',
  '.',
  '..',
  '\r',
  '\n',
  '\n.',
  'x',
  '\r\n..\r\n',
  '\r\n.\r',
  'long text',
)

test('however it is cut, only CRLF . CRLF ends a message and only CRLF .. loses a dot', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
      async (content, sizes) => {
        // As a right client sends it: RFC 5321 section 4.5.2.
        const stuffed = `\r\n${content}\r\n`.replaceAll('\r\n.', '\r\n..').slice(2)
        const wire = Buffer.from(`${stuffed}.\r\nNEXT\r\n`, 'latin1')
        const chunks: Buffer[] = []
        for (let at = 0, n = 0; at < wire.length; n++) {
          const size = sizes[n % sizes.length] as number
          // The parser may change what it is given.
          chunks.push(Buffer.from(wire.subarray(at, at + size)))
          at += size
        }
        assert.deepEqual(await parsed(chunks), { message: `${content}\r\n`, command: 'NEXT' })
      },
    ),
    { numRuns: 300 },
  )
})

test('a dot that was not doubled stays, unless it is alone', async () => {
  const chunks = ['.', 'x\r\n', '.y\r\n.', '\r', 'z\r\n.\r', '\nNEXT\r\n'].map((text) => Buffer.from(text))
  assert.deepEqual(await parsed(chunks), { message: '.x\r\n.y\r\n.\rz\r\n', command: 'NEXT' })
})

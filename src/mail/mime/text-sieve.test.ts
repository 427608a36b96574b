import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { foldForSearch } from './search-fold.ts'
import { bodyText, searchableText } from './search-text.ts'
import { parseStructure } from './structure.ts'
import { gramHashes, longGramHashes, spaceHashes } from './old-sieve-marks.ts'
import { mayHold, sieveOf, wantedOf } from './text-sieve.ts'

const words = fc.array(
  fc.constantFrom(
    'Straße',
    'garden',
    'ΣΊΣΥΦΟΣ',
    'İzmir',
    'e\u0301tude',
    'a',
    'to',
    'the',
    'been',
    '会議室',
    '',
    'x\r\ny',
  ),
  { minLength: 1, maxLength: 40 },
)

/** A sieve of an earlier version as it was made: these bits of this many octets. */
function oldSieve(version: number, text: string, lengthBytes: number): Buffer {
  const bits = Buffer.alloc(lengthBytes)
  const rows = version === 3 ? spaceHashes(text) : version === 2 ? longGramHashes(text) : []
  for (const hash of [...gramHashes(text), ...rows]) {
    const bit = hash & (lengthBytes * 8 - 1)
    bits.writeUInt8(bits.readUInt8(bit >>> 3) | (1 << (bit & 7)), bit >>> 3)
  }
  return version === 1 ? bits : Buffer.concat([Buffer.of(version), bits])
}

test('a sieve of any version never denies what BODY or TEXT would find', () => {
  fc.assert(
    fc.property(words, words, fc.nat(), fc.integer({ min: 4, max: 60 }), (subject, body, at, length) => {
      const message = Buffer.from(
        `Subject: ${subject.join(' ').replaceAll(/\s+/g, ' ')}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>${body.join(' ')}</p>\r\n`,
      )
      const structure = parseStructure(message)
      const whole = foldForSearch(searchableText(message, structure))
      const sieves = [
        sieveOf(message) ?? assert.fail(),
        ...[1, 2, 3].map((version) => oldSieve(version, whole, 1024)),
      ]
      for (const read of [bodyText, searchableText]) {
        const text = foldForSearch(read(message, structure))
        const needle = text.slice(at % text.length).slice(0, length)
        const wanted = wantedOf(needle)
        if (wanted !== undefined && text.includes(foldForSearch(needle)))
          for (const sieve of sieves) assert.ok(mayHold(sieve, wanted), needle)
      }
    }),
    { numRuns: 500 },
  )
})

test('a sieve denies what is nowhere, in short and in long messages', () => {
  for (const lines of [1, 50, 1000]) {
    const text = Array.from({ length: lines }, (_, i) => `line ${i} of ${Math.imul(i, 0x9e3779b1)}`).join(
      '\r\n',
    )
    const sieve = sieveOf(Buffer.from(`Subject: one\r\n\r\n${text}\r\n`))
    assert.ok(sieve)
    assert.equal(mayHold(sieve, wantedOf('quarterly zebra crossing') ?? assert.fail()), false)
  }
})

test('a row of words is told from the same words in another order', () => {
  const row = Array.from(
    { length: 400 },
    (_, i) => ['garden', 'budget', 'harbour', 'mailbox'][(i * i + (i >> 2)) % 4],
  )
  const text = row.join(' ').replaceAll('mailbox harbour', 'mailbox')
  const sieve = sieveOf(Buffer.from(`Subject: one\r\n\r\n${text}\r\n`))
  assert.ok(sieve)
  const [there, nowhere] = ['garden budget', 'garden mailbox harbour budget']
  assert.ok(text.includes(there) && !text.includes(nowhere))
  assert.equal(mayHold(sieve, wantedOf(there) ?? assert.fail()), true)
  assert.equal(mayHold(sieve, wantedOf(nowhere) ?? assert.fail()), false)
})

test('a sieve of version 1, of short grams in 64 octets, is still read', () => {
  const old = Buffer.from(
    'AAAABQECAAAABAAIAACFAECBCAAAAVAQABAFBAAAgAgAALCAAAAAQABAggAAJAQABQAsACDABCBAQAAgAGAAAA==',
    'base64',
  )
  assert.equal(mayHold(old, wantedOf('the harbour at night') ?? assert.fail()), true)
  assert.equal(mayHold(old, wantedOf('zymurgy') ?? assert.fail()), false)
})

test('a sieve of version 2, with grams of ten, is still read', () => {
  const old = Buffer.from(
    'AgAQCCUABAAIgYTAAIABCQBAAQgEDAERAAAABQwAEQAICAEwgAEIAUCAYoJQQCAACAYAcAEgQAAgAkAAIBCEhAA=',
    'base64',
  )
  assert.equal(old[0], 2)
  assert.equal(mayHold(old, wantedOf('garden budget and the harbour') ?? assert.fail()), true)
  assert.equal(mayHold(old, wantedOf('garden at the budget night and the harbour') ?? assert.fail()), false)
  assert.equal(mayHold(old, wantedOf('zymurgy') ?? assert.fail()), false)
})

test('a sieve of version 3, with rows around single spaces, is still read', () => {
  const old = Buffer.from(
    'AwAgCAUARgggiQXRwYABAUBBQQoALDXQAQUQDSUQGIIoSAAwoDMIAUCg44ISQGEAAw9wcAgo0oAgAlggIABADAA=',
    'base64',
  )
  assert.equal(old[0], 3)
  assert.equal(mayHold(old, wantedOf('garden budget and the harbour') ?? assert.fail()), true)
  assert.equal(mayHold(old, wantedOf('garden harbour and the budget') ?? assert.fail()), false)
  assert.equal(mayHold(old, wantedOf('zymurgy') ?? assert.fail()), false)
})

test('a sieve of a later version denies nothing', () => {
  assert.equal(mayHold(Buffer.of(5, ...new Uint8Array(64)), wantedOf('garden') ?? assert.fail()), true)
})

test('short words in a row are told from the same words, two by two', () => {
  const sieve = sieveOf(
    Buffer.from('Subject: one\r\n\r\nby the door, in the way; not to be, to be in. If it is.\r\n'),
  )
  assert.ok(sieve)
  for (const text of ['by the door', 'in the way', 'not to be', 'to be in', 'if it is'])
    assert.equal(mayHold(sieve, wantedOf(text) ?? assert.fail()), true, text)
  for (const text of ['by the way', 'in the door', 'not to be in', 'it is to be', 'to be the'])
    assert.equal(mayHold(sieve, wantedOf(text) ?? assert.fail()), false, text)
})

test('three words in a row are told from the same words, two by two', () => {
  const pairs = 'garden budget. budget harbour! '.repeat(20)
  const sieve = sieveOf(Buffer.from(`Subject: one\r\n\r\n${pairs}\r\n`))
  assert.ok(sieve)
  assert.equal(mayHold(sieve, wantedOf('garden budget') ?? assert.fail()), true)
  assert.equal(mayHold(sieve, wantedOf('budget harbour') ?? assert.fail()), true)
  assert.equal(mayHold(sieve, wantedOf('garden budget harbour') ?? assert.fail()), false)
})

test('what sieves cannot tell is not asked of them', () => {
  assert.equal(wantedOf('abc'), undefined)
  assert.equal(wantedOf('one\r\ntwo'), undefined)
  assert.equal(sieveOf(Buffer.from(`\r\n${'a long text '.repeat(100_000)}`)), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { foldForSearch } from './search-fold.ts'
import { bodyText, searchableText } from './search-text.ts'
import { parseStructure } from './structure.ts'
import { gramsOf, mayHold, sieveOf } from './text-sieve.ts'

const words = fc.array(
  fc.constantFrom('Straße', 'garden', 'ΣΊΣΥΦΟΣ', 'İzmir', 'e\u0301tude', 'a', '会議室', 'x y'),
  {
    minLength: 1,
    maxLength: 40,
  },
)

test('a sieve never denies what BODY or TEXT would find', () => {
  fc.assert(
    fc.property(words, words, fc.nat(), fc.integer({ min: 4, max: 60 }), (subject, body, at, length) => {
      const message = Buffer.from(
        `Subject: ${subject.join(' ')}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>${body.join(' ')}</p>\r\n`,
      )
      const sieve = sieveOf(message)
      assert.ok(sieve)
      for (const read of [bodyText, searchableText]) {
        const text = foldForSearch(read(message, parseStructure(message)))
        const needle = text.slice(at % text.length).slice(0, length)
        const grams = gramsOf(needle)
        if (grams !== undefined && text.includes(foldForSearch(needle)))
          assert.ok(mayHold(sieve, grams), needle)
      }
    }),
  )
})

test('a sieve denies what is nowhere, in short and in long messages', () => {
  for (const lines of [1, 50, 1000]) {
    const text = Array.from({ length: lines }, (_, i) => `line ${i} of ${Math.imul(i, 0x9e3779b1)}`).join(
      '\r\n',
    )
    const sieve = sieveOf(Buffer.from(`Subject: one\r\n\r\n${text}\r\n`))
    assert.ok(sieve)
    assert.equal(mayHold(sieve, gramsOf('quarterly zebra crossing') ?? assert.fail()), false)
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
  assert.equal(mayHold(sieve, gramsOf(there) ?? assert.fail()), true)
  assert.equal(mayHold(sieve, gramsOf(nowhere) ?? assert.fail()), false)
})

test('a sieve of version 1, of short grams in 64 octets, is still read', () => {
  const old = Buffer.from(
    'AAAABQECAAAABAAIAACFAECBCAAAAVAQABAFBAAAgAgAALCAAAAAQABAggAAJAQABQAsACDABCBAQAAgAGAAAA==',
    'base64',
  )
  assert.equal(mayHold(old, gramsOf('the harbour at night') ?? assert.fail()), true)
  assert.equal(mayHold(old, gramsOf('zymurgy') ?? assert.fail()), false)
})

test('a sieve of version 2, with grams of ten, is still read', () => {
  const old = Buffer.from(
    'AgAQCCUABAAIgYTAAIABCQBAAQgEDAERAAAABQwAEQAICAEwgAEIAUCAYoJQQCAACAYAcAEgQAAgAkAAIBCEhAA=',
    'base64',
  )
  assert.equal(old[0], 2)
  assert.equal(mayHold(old, gramsOf('garden budget and the harbour') ?? assert.fail()), true)
  assert.equal(mayHold(old, gramsOf('garden at the budget night and the harbour') ?? assert.fail()), false)
  assert.equal(mayHold(old, gramsOf('zymurgy') ?? assert.fail()), false)
})

test('three words in a row are told from the same words, two by two', () => {
  const pairs = 'garden budget. budget harbour! '.repeat(20)
  const sieve = sieveOf(Buffer.from(`Subject: one\r\n\r\n${pairs}\r\n`))
  assert.ok(sieve)
  assert.equal(mayHold(sieve, gramsOf('garden budget') ?? assert.fail()), true)
  assert.equal(mayHold(sieve, gramsOf('budget harbour') ?? assert.fail()), true)
  assert.equal(mayHold(sieve, gramsOf('garden budget harbour') ?? assert.fail()), false)
})

test('what sieves cannot tell is not asked of them', () => {
  assert.equal(gramsOf('abc'), undefined)
  assert.equal(gramsOf('one\r\ntwo'), undefined)
  assert.equal(sieveOf(Buffer.from(`\r\n${'a long text '.repeat(100_000)}`)), undefined)
})

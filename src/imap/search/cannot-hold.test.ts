import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { foldForSearch } from '#mail/mime/search-fold.ts'
import { headerText } from '#mail/mime/search-text.ts'
import { cannotHold } from './cannot-hold.ts'

const piece = fc.constantFrom('Ab', 'c.7', ' ', '\r\n ', '\r\n\t', '=?utf-8?q?ab=2E?=', 'ſ', 'K', 'é', 'x')
const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
const word = fc
  .array(fc.constantFrom('aB', 'C.7', 'k', 's', 'É', '.'), { minLength: 1, maxLength: 3 })
  .map((pieces) => foldForSearch(pieces.join('')))

test('a word that a header cannot hold is in none of its values', () => {
  fc.assert(
    fc.property(value, value, word, (other, text, wanted) => {
      const header = Buffer.from(
        `X-Other: ${other}\r\nSubject: x\r\nSubject: ${text}\r\nX-More: ${other}\r\n\r\n`,
      )
      if (cannotHold(header, 'subject', wanted))
        assert.ok(headerText(header, 'subject').every((one) => !foldForSearch(one).includes(wanted)))
    }),
    { numRuns: 2000 },
  )
})

test('what is written in another way than it is read is looked at closely', () => {
  for (const text of ['=?utf-8?q?gr=C3=BCn?=', '\r\n =?utf-8?q?gr=C3=BCn?=', 'gr\u00fcn', 'GR\u00dcN'])
    assert.equal(cannotHold(Buffer.from(`Subject: ${text}\r\n\r\n`), 'subject', 'gr\u00fcn'), false)
})

test('a plain header is passed over at once', () => {
  assert.equal(cannotHold(withId('Corpus.77'), 'message-id', 'corpus.77.'), false)
  assert.equal(cannotHold(withId('Corpus.78'), 'message-id', 'corpus.77.'), true)
})

function withId(id: string): Buffer {
  return Buffer.from(`Subject: =?utf-8?q?x?=\r\nMessage-ID: <${id}.x@a>\r\n\r\n`)
}

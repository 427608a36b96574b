import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { baseSubject } from './base-subject.ts'

test('what replies, forwards and lists add to a subject is taken off', () => {
  const table: [string, string, boolean][] = [
    ['Hello', 'Hello', false],
    ['', '', false],
    ['Re: Hello', 'Hello', true],
    ['RE : Hello', 'Hello', true],
    ['re: fw: FWD: Hello', 'Hello', true],
    ['Re[2]: Hello', 'Hello', true],
    ['Re: [list] Re: Hello', 'Hello', true],
    ['[list] [other] Hello', 'Hello', false],
    ['[list] [other]', '[other]', false],
    ['[list]', '[list]', false],
    ['[list]Re:', '', true],
    ['Hello (fwd)', 'Hello', true],
    ['Hello (fwd) (FWD)  ', 'Hello', true],
    ['[fwd: Hello]', 'Hello', true],
    ['[Fwd: [fwd: Re: Hello (fwd)]]', 'Hello', true],
    ['Re: [Fwd: Hello]', 'Hello', true],
    ['[fwd: Hello] there', 'there', false],
    ['a\t b \r\n c', 'a b c', false],
    ['  Re:Re:  spaced ', 'spaced', true],
    ['Regarding: Hello', 'Regarding: Hello', false],
    ['Re Hello', 'Re Hello', false],
    ['Fwde: Hello', 'Fwde: Hello', false],
    ['[unfinished Hello', '[unfinished Hello', false],
    ['[a[b] Hello', '[a[b] Hello', false],
    ['Aw: Hello', 'Aw: Hello', false],
  ]
  for (const [subject, text, isReply] of table)
    assert.deepEqual(baseSubject(subject), { text, isReply }, JSON.stringify(subject))
})

/** RFC 5256 section 2.1 step by step, without regard to time. */
function byTheBook(subject: string): string {
  let text = subject.replaceAll(/[\t\r\n ]+/g, ' ')
  for (;;) {
    while (/( |\(fwd\))$/i.test(text)) text = text.replace(/( |\(fwd\))$/i, '')
    for (;;) {
      const before = text
      text = text.replace(/^((\[[^[\]]*\] *)*(re|fwd?) *(\[[^[\]]*\] *)?:| )/i, '')
      const without = text.replace(/^\[[^[\]]*\] */, '')
      if (without !== '') text = without
      if (text === before) break
    }
    const forwarded = /^\[fwd:(.*)\]$/is.exec(text)
    if (forwarded === null) return text
    text = forwarded[1] ?? ''
  }
}

test('every subject comes out as the steps of RFC 5256 say', () => {
  const piece = fc.constantFrom('re', 'Fwd', 'fw', ':', '[', ']', '[x]', '(fwd)', '[fwd:', ' ', '\t', 'word')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const subject = pieces.join('')
      assert.equal(baseSubject(subject).text, byTheBook(subject))
    }),
    { numRuns: 2000 },
  )
})

test('a base subject is its own base subject', () => {
  fc.assert(
    fc.property(fc.string(), (subject) => {
      const { text } = baseSubject(subject)
      assert.equal(baseSubject(text).text, text)
    }),
  )
})

test('a hundred thousand brackets are read in one go', () => {
  for (const piece of ['[a]', '[', ']', '[fwd:', 'Re:', '(fwd)', 're [', '[fwd:re['])
    assert.equal(typeof baseSubject(piece.repeat(100_000)).text, 'string')
})

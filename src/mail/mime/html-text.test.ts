import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readEntities } from './html-entities.ts'
import { htmlText } from './html-text.ts'

const inline =
  /^\/?(a|abbr|b|big|cite|code|del|em|font|i|ins|s|small|span|strike|strong|sub|sup|tt|u|wbr)(?![a-z])/i

/** The same with strings and regular expressions. */
function plainly(html: string): string {
  let text = ''
  let from = 0
  let commentsEnd = true
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', from)) {
    let end = -1
    if (commentsEnd && html.startsWith('<!--', open)) {
      const found = html.indexOf('-->', open + 4)
      commentsEnd = found !== -1
      if (commentsEnd) end = found + 3
    }
    if (end === -1) end = html.indexOf('>', open) + 1
    if (end === 0) break
    text += html.slice(from, open)
    if (!inline.test(html.slice(open + 1, end))) text += ' '
    from = end
  }
  return readEntities(text + html.slice(from)).replaceAll(/[\t\r\n\f]+ *| {2,}/g, ' ')
}

const piece = fc.oneof(
  fc.constantFrom(
    '<',
    '>',
    '<!--',
    '-->',
    '-',
    '!',
    '/',
    '&',
    '&am',
    'p;',
    '&nbsp;',
    '&#8364;',
    '&lt;',
    '&AMP;',
  ),
  fc.constantFrom(
    ' ',
    '  ',
    '\t',
    '\r\n',
    '\n',
    '\f',
    '\v',
    '\u00a0',
    'é',
    'š',
    '語',
    '\ud83d',
    '\ude00',
    'İ',
  ),
  fc.constantFrom(
    '<b>',
    '</B>',
    '<span class="x">',
    '<strike>',
    '<strikes>',
    '<br>',
    '<h1>',
    '<s1>',
    '<abbreviation>',
  ),
  fc.constantFrom('garden', 'Budget', '<p>', '</p>\r\n', '<>', '</>'),
)

test('words of HTML are the same as worked out with regular expressions', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const html = pieces.join('')
      assert.equal(htmlText(html), plainly(html))
    }),
    { numRuns: 3000 },
  )
})

test('long texts, of any script, are read like short ones', () => {
  for (const line of [
    '<p>garden  budget<br>\r\n',
    '<p>žluťoučký <b>kůň</b><br>\r\n',
    'a&nbsp;&euro; <i>b</i>\n',
  ]) {
    const html = line.repeat(30_000)
    assert.equal(htmlText(html), plainly(html))
  }
})

test('a text that is nothing but beginnings of tags and comments takes no time', { timeout: 60_000 }, () => {
  for (const start of ['<', '<!--', '<!-- -', '&', '<b', '--'])
    assert.equal(typeof htmlText(start.repeat(400_000)), 'string')
})

/** The entities of U+00A0 to U+00FF in order. HTML 4.01 section 24.2. */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml'

/** HTML 4.01 sections 24.3 and 24.4, what mail uses of them. */
const entities = new Map([
  ...latin1.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ['nbsp', ' '],
  ['shy', ''],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['OElig', 'Œ'],
  ['oelig', 'œ'],
  ['Scaron', 'Š'],
  ['scaron', 'š'],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['sbquo', '‚'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['bdquo', '„'],
  ['bull', '•'],
  ['hellip', '…'],
  ['euro', '€'],
  ['trade', '™'],
])

/** Tags inside a word; a reader sees a gap at all others. */
const inline = new Set(
  'a abbr b big cite code del em font i ins s small span strike strong sub sup tt u wbr'.split(' '),
)
/** Longer names are not inline. */
const inlineNameLimit = 6

/**
 * The words of an HTML text as a reader sees them, roughly, for search: tags and comments left out, entities read, white
 * space as one space. Linear: each `<` looks for its `>` once, and when one has none, none after it has.
 */
export function htmlText(html: string): string {
  const pieces: string[] = []
  let from = 0
  let commentsEnd = true
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', from)) {
    let close = -1
    if (commentsEnd && html.startsWith('<!--', open)) {
      close = html.indexOf('-->', open + 4) + 2
      commentsEnd = close !== 1
      if (!commentsEnd) close = -1
    }
    if (close === -1) close = html.indexOf('>', open)
    if (close === -1) break
    pieces.push(html.slice(from, open))
    if (!inline.has(tagName(html, open))) pieces.push(' ')
    from = close + 1
  }
  pieces.push(html.slice(from))
  return pieces
    .join('')
    .replaceAll(/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,7});/gi, entity)
    .replaceAll(/[\t\r\n\f]+ *| {2,}/g, ' ')
}

/** The lower-case name of the tag that opens or closes here, cut after `inlineNameLimit` + 1 letters. */
function tagName(html: string, open: number): string {
  const start = html.charCodeAt(open + 1) === 0x2f ? open + 2 : open + 1
  let end = start
  while (end - start <= inlineNameLimit && isLetter(html.charCodeAt(end))) end++
  return html.slice(start, end).toLowerCase()
}

function isLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

function entity(written: string): string {
  if (written[1] !== '#') return entities.get(written.slice(1, -1)) ?? written
  const hexadecimal = written[2] === 'x' || written[2] === 'X'
  const code = hexadecimal ? Number.parseInt(written.slice(3, -1), 16) : Number(written.slice(2, -1))
  return code === 0xa0 ? ' ' : code <= 0x10ffff ? String.fromCodePoint(code) : written
}

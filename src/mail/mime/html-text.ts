import { readEntities } from './html-entities.ts'

/** Longer names are not inline. */
const inlineNameLimit = 6

/** Tags inside a word; a reader sees a gap at all others. */
const inline = new Set(
  'a abbr b big cite code del em font i ins s small span strike strong sub sup tt u wbr'
    .split(' ')
    .map((name) => tagName(`<${name}>`, 0)),
)
const CR = 0x0d
const LF = 0x0a
const SP = 0x20

/**
 * The words of an HTML text as a reader sees them, roughly, for search: tags and comments left out, entities read, white
 * space as one space, or two where a line ends at a space. Linear: each `<` looks for its `>` once, and when one has none,
 * none after it has.
 */
export function htmlText(html: string): string {
  const text = withoutTags(html)
  return collapsed(text.includes('&') ? readEntities(text) : text)
}

/** A space stands for each tag that is not inline, unless there is one. */
function withoutTags(html: string): string {
  let text = ''
  let from = 0
  let spaced = false
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
    if (open > from) {
      text += html.slice(from, open)
      spaced = html.charCodeAt(open - 1) === SP
    }
    if (!spaced && !inline.has(tagName(html, open))) {
      text += ' '
      spaced = true
    }
    from = close + 1
  }
  return text + html.slice(from)
}

/** The name of the tag that opens or closes here as a number, cut after `inlineNameLimit` + 1 letters; letter case does not matter. */
function tagName(html: string, open: number): number {
  const start = html.charCodeAt(open + 1) === 0x2f ? open + 2 : open + 1
  let name = 0
  for (let at = start; at <= start + inlineNameLimit; at++) {
    const lower = html.charCodeAt(at) | 0x20
    if (lower < 0x61 || lower > 0x7a) break
    // Seven letters are less than 2^53.
    name = name * 32 + (lower & 31)
  }
  return name
}

/** Line ends and tabs with the spaces after them, and several spaces, become one space. */
function collapsed(text: string): string {
  if (text.includes('\t') || text.includes('\f')) return anyCollapsed(text)
  // Line by line: twice as fast as the regular expression.
  let result = ''
  let from = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    result += oneSpaced(text.slice(from, end > from && text.charCodeAt(end - 1) === CR ? end - 1 : end))
    result += ' '
    from = end + 1
    for (let next = text.charCodeAt(from); next === LF || next === CR; next = text.charCodeAt(from)) from++
    while (text.charCodeAt(from) === SP) from++
  }
  result += oneSpaced(text.slice(from))
  return result.includes('\r') ? anyCollapsed(text) : result
}

function anyCollapsed(text: string): string {
  return text.replaceAll(/[\t\r\n\f]+ *| {2,}/g, ' ')
}

function oneSpaced(line: string): string {
  return line.includes('  ') ? line.replaceAll(/ {2,}/g, ' ') : line
}

import { decodeCharset } from './charset.ts'
import { isInlineText, walk, type Part } from './part.ts'
import { decodeTransfer } from './transfer-encoding.ts'

/** Octets of a body that are looked at for a snippet. */
const sampleBytes = 16_384

/** The beginning of the message's text, one line, at most `length` characters, not escaped. */
export function plainSnippet(raw: Buffer, root: Part, length: number): string {
  let html: Part | undefined
  for (const part of walk(root)) {
    if (!isInlineText(part)) continue
    if (part.type === 'text/html') html ??= part
    else return shorten(sample(raw, part), length)
  }
  return html ? shorten(stripTags(sample(raw, html)), length) : ''
}

function sample(raw: Buffer, part: Part): string {
  const end = Math.min(part.bodyEnd, part.bodyStart + sampleBytes)
  return decodeCharset(decodeTransfer(raw.subarray(part.bodyStart, end), part.encoding), part.charset)
}

function shorten(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= length) return line
  const space = line.lastIndexOf(' ', length)
  return line.slice(0, space > 0 ? space : length)
}

/** The text of HTML: tags, style and script away. Linear. */
export function stripTags(html: string): string {
  let text = ''
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) break
    text += html.slice(at, open)
    const name = html.slice(open + 1, open + 8).toLowerCase()
    const until = name.startsWith('style') ? '</style' : name.startsWith('script') ? '</script' : undefined
    const from = until === undefined ? open : indexOfIgnoringCase(html, until, open)
    const close = from < 0 ? -1 : html.indexOf('>', from)
    if (close < 0) return decodeEntities(text)
    text += ' '
    at = close + 1
  }
  return decodeEntities(text + html.slice(at))
}

function indexOfIgnoringCase(text: string, wanted: string, from: number): number {
  for (let at = text.indexOf('</', from); at >= 0; at = text.indexOf('</', at + 2)) {
    if (text.slice(at, at + wanted.length).toLowerCase() === wanted) return at
  }
  return -1
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
])

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities.get(name.toLowerCase()) ?? whole
    const code = Number(name[1] === 'x' || name[1] === 'X' ? `0${name.slice(1)}` : name.slice(1))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** As Gmail escapes a snippet. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

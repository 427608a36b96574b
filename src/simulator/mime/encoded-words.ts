import { decodeCharset } from './charset.ts'
import { decodeQuotedPrintable } from './transfer-encoding.ts'

/** RFC 2047: the encoded words of a header value, decoded. What is not one stays as it is. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  let result = ''
  let at = 0
  let afterWord = false
  while (at < text.length) {
    const open = text.indexOf('=?', at)
    if (open < 0) break
    const word = readWord(text, open)
    const between = text.slice(at, open)
    // White space between two encoded words is not shown. RFC 2047 section 6.2.
    if (!(word && afterWord && between.trim() === '')) result += between
    if (word) {
      result += word.text
      at = word.end
    } else {
      result += '=?'
      at = open + 2
    }
    afterWord = word !== undefined
  }
  return result + text.slice(at)
}

function readWord(text: string, open: number): { text: string; end: number } | undefined {
  // An encoded word is 75 characters; longer ones are seen, endless ones are not words.
  const window = text.slice(open + 2, open + 1002)
  const charsetEnd = window.indexOf('?')
  const encodingEnd = window.indexOf('?', charsetEnd + 1)
  if (charsetEnd <= 0 || encodingEnd !== charsetEnd + 2) return undefined
  const close = window.indexOf('?=', encodingEnd + 1)
  if (close < 0) return undefined
  const charset = window.slice(0, charsetEnd).split('*')[0] ?? ''
  const encoding = window[charsetEnd + 1]?.toLowerCase()
  const payload = window.slice(encodingEnd + 1, close)
  const end = open + 2 + close + 2
  if (encoding === 'b') return { text: decodeCharset(Buffer.from(payload, 'base64'), charset), end }
  if (encoding !== 'q') return undefined
  const bytes = decodeQuotedPrintable(Buffer.from(payload.replaceAll('_', ' '), 'latin1'))
  return { text: decodeCharset(bytes, charset), end }
}

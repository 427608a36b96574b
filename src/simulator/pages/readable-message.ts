import { decodeCharset } from '../mime/charset.ts'
import { decodeWords } from '../mime/encoded-words.ts'
import { headerValue } from '../mime/headers.ts'
import { isInlineText, parseMessage, partBody, walk } from '../mime/part.ts'
import { stripTags } from '../mime/snippet.ts'

/** A message as the page shows it: words only, never markup of the sender's. */
export interface ReadableMessage {
  from: string
  to: string
  cc: string
  subject: string
  date: string
  text: string
  /** The text was cut, or comes from HTML. */
  cut: boolean
  fromHtml: boolean
  attachments: readonly { name: string; type: string; sizeBytes: number }[]
}

const textLimit = 200_000
const attachmentLimit = 100

export function readMessage(raw: Buffer): ReadableMessage {
  const root = parseMessage(raw)
  const header = (name: string) => decodeWords(headerValue(root.headers, name) ?? '')
  const plain: string[] = []
  const marked: string[] = []
  const attachments: { name: string; type: string; sizeBytes: number }[] = []
  let length = 0
  for (const part of walk(root)) {
    if (part.parts.length > 0 || part.type.startsWith('multipart/')) continue
    if (!isInlineText(part)) {
      if (attachments.length < attachmentLimit) {
        attachments.push({
          name: part.filename === '' ? 'without a name' : part.filename,
          type: part.type,
          sizeBytes: partBody(raw, part).length,
        })
      }
      continue
    }
    if (length >= textLimit) continue
    // Two characters of source for each one shown is plenty; the rest need not be decoded.
    const text = decodeCharset(partBody(raw, part).subarray(0, 4 * textLimit), part.charset)
    length += text.length
    if (part.type === 'text/html') marked.push(tidy(stripTags(text)))
    else plain.push(text)
  }
  const fromHtml = plain.join('').trim() === '' && marked.length > 0
  const text = (fromHtml ? marked : plain).join('\n\n')
  return {
    from: header('from'),
    to: header('to'),
    cc: header('cc'),
    subject: header('subject'),
    date: header('date'),
    text: text.slice(0, textLimit),
    cut: text.length > textLimit,
    fromHtml,
    attachments,
  }
}

/** What is left of HTML is mostly white space. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[ \t\r\u00a0]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

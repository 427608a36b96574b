import { decodeCharset } from '#mail/mime/charset.ts'
import { htmlText } from '#mail/mime/html-text.ts'
import { parameter } from '#mail/mime/parameters.ts'
import type { Part } from '#mail/mime/structure.ts'
import { decodeTransferEncoding } from '#mail/mime/transfer-encoding.ts'
import type { OpenedMessage } from './opened-message.ts'

/** The length that RFC 8970 section 4 recommends; more than 256 would be unlawful. */
const previewCharacters = 200
/** So much of a part is looked at. */
const lookAtBytes = 64 * 1024

/** The first words of a message that a person would read, on one line; empty when there are none. RFC 8970 section 3. */
export function previewOf({ bytes, structure }: OpenedMessage): string {
  const plain = firstText(structure, 'text/plain')
  const text = plain === undefined ? '' : textOf(bytes, plain)
  if (text !== '') return text
  const html = firstText(structure, 'text/html')
  return html === undefined ? '' : textOf(bytes, html)
}

/** The first part of this type that is no attachment, in order; as deep as the structure, which has a limit. */
function firstText(part: Part, mediaType: string): Part | undefined {
  if (part.disposition?.value.toLowerCase() === 'attachment') return undefined
  if (part.mediaType === mediaType && part.children.length === 0) return part
  for (const child of part.children) {
    const found = firstText(child, mediaType)
    if (found !== undefined) return found
  }
  return undefined
}

function textOf(bytes: Buffer, part: Part): string {
  const body = bytes.subarray(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + lookAtBytes))
  const octets = decodeTransferEncoding(body, part.encoding) ?? body
  const decoded = decodeCharset(octets, parameter(part.parameters, 'charset'))
  const text = part.mediaType === 'text/html' ? htmlText(decoded) : decoded
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return Array.from(line.slice(0, 2 * previewCharacters))
    .slice(0, previewCharacters)
    .join('')
}

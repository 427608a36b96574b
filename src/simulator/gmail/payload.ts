import type { Account } from '../accounts.ts'
import { decodeCharset } from '../mime/charset.ts'
import { decodeWords } from '../mime/encoded-words.ts'
import type { Header } from '../mime/headers.ts'
import { isInlineText, partBody, type Part } from '../mime/part.ts'
import { encodeOctets, type World } from '../world.ts'
import { writeAttachmentId } from './attachment-id.ts'

/** MessagePart of the API. */
export interface Payload {
  partId?: string
  mimeType: string
  filename?: string
  headers?: Header[]
  body?: { attachmentId?: string; size: number; data?: string }
  parts?: Payload[]
}

/** Unfolded and decoded; only the wanted ones, if any are named. */
export function shownHeaders(headers: readonly Header[], wanted: readonly string[] = []): Header[] {
  const names = new Set(wanted.map((name) => name.toLowerCase()))
  return headers
    .filter((header) => names.size === 0 || names.has(header.name.toLowerCase()))
    .map(({ name, value }) => ({ name, value: decodeWords(value) }))
}

/** The tree of format=full. Text is in it, attachments are named by an id (fact sheet section 2.3). */
export function fullPayload(world: World, account: Account, raw: Buffer, part: Part): Payload {
  const payload: Payload = {
    partId: part.id,
    mimeType: part.type,
    filename: part.filename,
    headers: shownHeaders(part.headers),
    body: payloadBody(world, account, raw, part),
  }
  if (part.parts.length > 0)
    payload.parts = part.parts.map((child) => fullPayload(world, account, raw, child))
  return payload
}

function payloadBody(world: World, account: Account, raw: Buffer, part: Part): NonNullable<Payload['body']> {
  const container = part.parts.length > 0 || part.type.startsWith('multipart/')
  if (container && part.filename === '') return { size: 0 }
  const octets = partBody(raw, part)
  if (!isInlineText(part)) {
    return octets.length === 0
      ? { size: 0 }
      : { attachmentId: writeAttachmentId(account.random, part.id), size: octets.length }
  }
  if (octets.length === 0) return { size: 0 }
  const shown = world.quirks.transcodedBodies
    ? Buffer.from(decodeCharset(octets, part.charset), 'utf8')
    : octets
  return { size: octets.length, data: encodeOctets(world, shown) }
}

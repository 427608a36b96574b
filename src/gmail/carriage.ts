import type { Readable } from 'node:stream'
import { CallFailure } from './failure.ts'
import type { PerCall } from './transport.ts'

/**
 * How a message travels to Gmail: as it is, to the address for uploads; or inside of the JSON, as base64url, to where every
 * other call goes. Google takes both.
 */
export type Carriage =
  | { readonly media: { readonly mimeType: string; readonly body: Readable }; readonly sizeBytes: number }
  | { readonly raw: string }

/** More than this does not go inside of JSON: Google takes about 5 MB of it. Fact sheet section 1.3. */
export const largestRawBytes = 3_500_000

/** Statuses of a server that has no uploads, or none like this. */
const withoutUploads = new Set([404, 405, 411, 415, 501])

/**
 * Whether the refusal of an upload may mean that there are none here: then nothing was done, and the same message may go as
 * JSON. What else is wrong with it will be said again.
 */
export function mayLackUploads(error: unknown): boolean {
  if (!(error instanceof CallFailure) || error.status === undefined) return false
  return withoutUploads.has(error.status) || (error.status === 400 && /\braw\b/i.test(error.message))
}

/** What a method of the library is given of a message. */
export type Loaded =
  | { readonly media: { readonly mimeType: string; readonly body: Readable }; readonly requestBody?: object }
  | { readonly requestBody: object }

/**
 * A message and what else is said of it, for a method of the library. Its length is told beforehand, so that a server need
 * not understand chunks.
 */
export function loaded(
  fields: object | undefined,
  message: Carriage,
  options: PerCall,
): { readonly content: Loaded; readonly options: PerCall } {
  if ('raw' in message) return { content: { requestBody: { ...fields, raw: message.raw } }, options }
  const { media, sizeBytes } = message
  const length = fields === undefined ? sizeBytes : sizeBytes + aroundBytes(fields, media.mimeType)
  return {
    content: { media, ...(fields === undefined ? {} : { requestBody: fields }) },
    options: { ...options, headers: { ...options.headers, 'content-length': String(length) } },
  }
}

/** As long as the library's, which is made of a UUID. */
const boundary = '--00000000-0000-0000-0000-000000000000'

/** Octets that the library puts around a message to make multipart/related of it. */
function aroundBytes(fields: object, mimeType: string): number {
  const head = `${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(fields)}\r\n`
  const between = `${boundary}\r\ncontent-type: ${mimeType}\r\n\r\n`
  return Buffer.byteLength(`${head}${between}\r\n${boundary}--`)
}

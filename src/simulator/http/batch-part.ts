import { STATUS_CODES } from 'node:http'
import { choices } from '../choices.ts'
import { badRequest, GmailError } from '../errors.ts'
import { parseParameters } from '../mime/headers.ts'
import type { ApiAnswer, ApiCall } from './call.ts'
import { readPart } from './multipart.ts'
import { requestTooLarge } from './uploads-body.ts'

/** A longer request line is malformed. */
const lineLimit = 16_384

/** What the batch request says for all its parts. */
export interface Envelope {
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
}

/** One part: the call in it, or what is wrong with it. */
export interface InnerCall {
  readonly contentId: string | undefined
  readonly call: ApiCall | GmailError
}

/** Headers of the outer request that are about its own body and connection. */
const ownHeaders = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Reads one part. What is malformed is told in its own answer and does not fail the rest. */
export function readInnerCall(part: Buffer, envelope: Envelope): InnerCall {
  const { headers, body } = readPart(part)
  const contentId = headers.get('content-id')
  try {
    const type = parseParameters((headers.get('content-type') ?? '').slice(0, 1000)).value
    if (type !== 'application/http') throw malformed('its Content-Type is not application/http')
    return { contentId, call: readRequest(body, envelope) }
  } catch (error) {
    if (error instanceof GmailError) return { contentId, call: error }
    throw error
  }
}

function readRequest(text: Buffer, envelope: Envelope): ApiCall {
  let start = 0
  while (text[start] === 13 || text[start] === 10) start += 1
  const newline = text.indexOf(10, start)
  const lineEnd = newline < 0 ? text.length : newline
  if (lineEnd - start > lineLimit) throw malformed('its request line is too long')
  const line = text.toString('latin1', start, lineEnd).trim()
  const found = /^([A-Z]{1,10}) +(\S+)(?: +HTTP\/\d(?:\.\d)?)?$/.exec(line)
  if (found === null) throw malformed('its request line cannot be read')
  const [, method = '', target = ''] = found
  const inner = readPart(text.subarray(newline < 0 ? text.length : newline + 1))
  const body = sizedBody(inner.body, inner.headers.get('content-length'))
  if (body.length > choices.jsonBodyBytes) throw requestTooLarge()
  const { path, query } = splitTarget(target)
  if (/^\/(?:resumable\/)?upload\//.test(path))
    throw badRequest('Media uploads are not supported in a batch.')
  return {
    method,
    path,
    query: mergeQuery(query, envelope.query),
    headers: { ...inheritable(envelope.headers), ...Object.fromEntries(inner.headers) },
    body,
    media: undefined,
  }
}

/** Only the path is asked for; a whole address loses its origin. */
function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '')
  if (!local.startsWith('/')) throw malformed('its path does not begin with a slash')
  const mark = local.indexOf('?')
  if (mark < 0) return { path: local, query: new URLSearchParams() }
  return { path: local.slice(0, mark), query: new URLSearchParams(local.slice(mark + 1)) }
}

/** A parameter of the batch request applies to every call that does not give its own. */
function mergeQuery(inner: URLSearchParams, outer: URLSearchParams): URLSearchParams {
  const own = new Set(inner.keys())
  for (const [name, value] of outer) if (!own.has(name)) inner.append(name, value)
  return inner
}

function inheritable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('content-') && !ownHeaders.has(name)),
  )
}

/** Without a length the body ends with the part; line ends after a JSON body do no harm. */
function sizedBody(body: Buffer, length: string | undefined): Buffer {
  if (length === undefined) return body.toString('latin1', 0, 64).trim() === '' ? Buffer.alloc(0) : body
  if (!/^\d{1,10}$/.test(length) || Number(length) > body.length)
    throw malformed('its Content-Length is wrong')
  return body.subarray(0, Number(length))
}

function malformed(why: string): GmailError {
  return badRequest(`Malformed batch part: ${why}.`)
}

/** One part of the answer, up to the line end before the next boundary. */
export function writeInnerAnswer(contentId: string | undefined, answer: ApiAnswer): string {
  const body = answer.body === undefined ? '' : `${JSON.stringify(answer.body, undefined, 2)}\n`
  const headers = new Map<string, string>()
  if (body !== '') headers.set('content-type', 'application/json; charset=UTF-8')
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name.toLowerCase(), value)
  if (answer.status !== 204) headers.set('content-length', String(Buffer.byteLength(body)))
  const lines = ['Content-Type: application/http']
  if (contentId !== undefined) lines.push(`Content-ID: ${responseId(contentId)}`)
  lines.push('', `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trimEnd())
  for (const [name, value] of headers) lines.push(`${capitalise(name)}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** `<item1>` becomes `<response-item1>`. */
function responseId(contentId: string): string {
  return contentId.startsWith('<') ? `<response-${contentId.slice(1)}` : `response-${contentId}`
}

function capitalise(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

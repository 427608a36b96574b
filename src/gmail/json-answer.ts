import { decodeBase64 } from './base64.ts'
import { nonsense } from './failure.ts'

const quote = 0x22
const colon = 0x3a
const backslash = 0x5c
const opening = Buffer.from('"raw"')

/** Below this JSON.parse takes a few milliseconds at most. */
const smallBytes = 1024 * 1024

/** Throws CallFailure unless it is a JSON object. An empty body is an empty object: batchModify answers so. */
export function parseObject(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {}
  let json: unknown
  try {
    json = JSON.parse(body.toString())
  } catch (error) {
    throw nonsense('not JSON', error)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw nonsense('not a JSON object')
  return json as Record<string, unknown>
}

/**
 * A messages.get answer in two: its `raw` decoded, the rest as an object. A large one is taken apart before JSON.parse
 * sees it, so that a message of 50 MB neither stops everything else nor exists four times over.
 */
export async function parseRawAnswer(
  body: Buffer,
): Promise<{ fields: Record<string, unknown>; bytes: Buffer }> {
  const span = body.length < smallBytes ? undefined : findRaw(body)
  if (span === undefined) return await parseWhole(body)
  const { raw, ...fields } = parseObject(
    Buffer.concat([body.subarray(0, span.start), body.subarray(span.end)]),
  )
  // Another one, in something that the message holds.
  if (raw !== '') return await parseWhole(body)
  return { fields, bytes: await decodeBase64(body.subarray(span.start, span.end)) }
}

async function parseWhole(body: Buffer): Promise<{ fields: Record<string, unknown>; bytes: Buffer }> {
  const { raw, ...fields } = parseObject(body)
  if (typeof raw !== 'string') throw nonsense('a message without raw')
  return { fields, bytes: await decodeBase64(Buffer.from(raw, 'latin1')) }
}

/**
 * Where the octets of the raw string are. Inside another string the quotes of `"raw"` would be escaped, and as a value
 * no colon follows, so the first match is a key: the message's, or one of an object in it. Undefined when it is not there or its text holds escapes.
 */
function findRaw(body: Buffer): { start: number; end: number } | undefined {
  for (let key = body.indexOf(opening); key >= 0; key = body.indexOf(opening, key + 1)) {
    let at = skipSpace(body, key + opening.length)
    if (body[at] !== colon) continue
    at = skipSpace(body, at + 1)
    if (body[at] !== quote) return undefined
    const end = body.indexOf(quote, at + 1)
    if (end < 0) return undefined
    // Some of Google's writers escape = as \u003d; that is left to JSON.parse.
    const escape = body.subarray(at + 1, end).indexOf(backslash)
    return escape >= 0 ? undefined : { start: at + 1, end }
  }
  return undefined
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++
  return at
}

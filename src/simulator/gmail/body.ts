import { decodeBase64url } from '../base64url.ts'
import { invalidArgument } from '../errors.ts'
import { invalidValue } from './parameters.ts'

/** A JSON object that a client sent. */
export type Body = Readonly<Record<string, unknown>>

/** An absent body is an empty one. Throws GmailError 400. */
export function parseBody(octets: Buffer): Body {
  if (octets.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(octets.toString('utf8'))
  } catch {
    throw invalidArgument('Invalid JSON payload received. Unexpected token.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidArgument('Invalid JSON payload received. Root element must be a message.')
  return value as Body
}

/** Undefined when absent or null. Throws GmailError 400. */
export function textIn(body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalidValue(name, 'TYPE_STRING', JSON.stringify(value))
  return value
}

/** Undefined when absent, null or empty: an id that is not given. */
export function idTextIn(body: Body, name: string): string | undefined {
  const value = textIn(body, name)
  return value === '' ? undefined : value
}

export function flagIn(body: Body, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalidValue(name, 'TYPE_BOOL', JSON.stringify(value))
  return value
}

/** A list of strings; empty when absent. */
export function textsIn(body: Body, name: string): string[] {
  const value = body[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw invalidValue(name, 'TYPE_STRING', JSON.stringify(value))
  return value
}

export function objectIn(body: Body, name: string): Body {
  const value = body[name]
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalidValue(name, 'MESSAGE', JSON.stringify(value))
  return value as Body
}

/** The octets of `raw`; undefined when there is none. */
export function rawIn(body: Body): Buffer | undefined {
  const text = textIn(body, 'raw')
  if (text === undefined || text === '') return undefined
  const octets = decodeBase64url(text)
  if (octets === undefined)
    throw invalidArgument("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed")
  return octets
}

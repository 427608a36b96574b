/** A request to Google, as it came to the gate. */
export interface Asked {
  readonly method: string
  /** From `/gmail/v1/users/me` on, else whole: `GET /labels`, `POST /upload/messages/send`, `POST /token`. Ids are `*`. */
  readonly call: string
  /** Path and query; may be written anew before it goes on. */
  readonly url: string
  readonly body: Buffer
  /** How many of this account came before, and how many of this call. */
  readonly before: number
  readonly beforeOfCall: number
}

export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly manner?: Manner
}

/** How an answer goes over the wire. */
export type Manner =
  | 'with its length'
  | 'in chunks'
  | 'and then the connection is closed'
  | 'a little at a time'
  /** The connection breaks in the middle of the body. */
  | 'by half'

/** Another Gmail: what it says and does otherwise than the simulator. */
export interface Backend {
  /** Instead of an answer. */
  refuse?(asked: Asked): Told | undefined
  /** What is asked of the simulator. */
  ask?(asked: Asked): { readonly url?: string; readonly body?: Buffer }
  /** Each JSON answer that is a success. */
  json?(json: Json, asked: Asked): Json
  /** Each answer, as text or octets. */
  tell?(told: Told, asked: Asked): Told
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Every object in it, changed, from the innermost. */
export function eachObject(json: Json, change: (object: JsonObject) => JsonObject): Json {
  if (Array.isArray(json)) return json.map((one) => eachObject(one, change))
  if (!isObject(json)) return json
  return change(Object.fromEntries(Object.entries(json).map(([key, one]) => [key, eachObject(one, change)])))
}

export function without(object: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

export function told(status: number, body: string | object, headers: Record<string, string> = {}): Told {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=UTF-8'
  return { status, headers: { 'content-type': type, ...headers }, body: Buffer.from(text) }
}

/** Google's error envelope. Fact sheet section 1.4. */
export function refusal(
  status: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): Told {
  const errors = [{ message, domain: 'global', reason }]
  return told(status, { error: { code: status, message, errors, status: 'UNKNOWN' } }, headers)
}

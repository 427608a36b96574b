import pino from 'pino'
import type { Logger } from 'pino'
import pretty from 'pino-pretty'
import { recentLines } from './logs/recent-lines.ts'

/** Fields that must never be seen, wherever they stand in a log line. The code does not log them; this is the net below. */
const secretFields = new Set([
  'password',
  'token',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'clientSecret',
  'client_secret',
  'authorization',
  'cookie',
  'code',
  'code_verifier',
  'key',
  'raw',
])

/** Fields of fields are looked at down to here; what is deeper is left out. */
const deepest = 4
/** What waits for whoever reads the log. Lines beyond it are lost, mail is not: nobody waits for a log. */
const mostWaiting = 8 * 1024 * 1024

/** Codes of errors (ENOSPC, grant-ended, 452) say what happened; those of a sign-in look otherwise. */
const errorCode = /^(?:[A-Z][A-Z_]{2,39}|[a-z]{2,12}(?:-[a-z]{2,12}){0,3}|\d{3})$/

/** JSON lines on standard error; readable ones when a person sits at the terminal. */
export function createLog(level: string): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (fields) => withoutSecrets(fields) },
    // Of children's own fields, which formatters do not see.
    redact: { paths: [...secretFields].filter((name) => name !== 'code'), censor: '[secret]' },
    serializers: { err: errorFields },
  }
  return pino(
    options,
    pino.multistream([standardError(), recentLines].map((one) => ({ stream: one, level: 'trace' }))),
  )
}

/** A full pipe that nobody reads must not hold up mail, so writing is done beside; at the end all is written. */
function standardError(): pino.DestinationStream {
  if (process.stderr.isTTY) return pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
  const stream = pino.destination({ dest: 2, sync: false, maxLength: mostWaiting })
  // Standard error may be closed by whoever started us.
  stream.on('error', () => {})
  return stream
}

function withoutSecrets(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let clean = fields
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    const shown = shownValue(key, value, depth)
    if (shown === value) continue
    if (clean === fields) clean = { ...fields }
    clean[key] = shown
  }
  return clean
}

function shownValue(key: string, value: unknown, depth: number): unknown {
  if (value === undefined) return value
  if (secretFields.has(key) && !(key === 'code' && saysWhatHappened(value))) return '[secret]'
  // Errors are told by errorFields.
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date)
    return value
  if (ArrayBuffer.isView(value)) return '[octets]'
  return depth === deepest ? '[too deep]' : withoutSecrets(value as Record<string, unknown>, depth + 1)
}

function saysWhatHappened(code: unknown): boolean {
  return (typeof code === 'number' || typeof code === 'string') && errorCode.test(`${code}`)
}

/** What happened and where, with causes; nothing else that an error may carry (requests, answers). */
function errorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: 'not an error' }
  const { name, message, stack, cause } = error
  const { kind, code, status, reason } = error as Error & Record<string, unknown>
  return {
    name,
    message,
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof code === 'string' ? { code: shownValue('code', code, 0) } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    stack,
    ...(cause === undefined || depth >= 5 ? {} : { cause: errorFields(cause, depth + 1) }),
  }
}

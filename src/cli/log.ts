import pino from 'pino'
import type { Logger } from 'pino'
import pretty from 'pino-pretty'
import { recentLines } from './logs/recent-lines.ts'

/** Fields that must never be seen, wherever they stand in a log line. The code does not log them; this is the net below. */
const secretFields = [
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
]

/** Codes of errors (ENOSPC, grant-ended, 452) say what happened; those of a sign-in look otherwise. */
const errorCode = /^(?:[A-Z][A-Z_]{2,39}|[a-z]{2,12}(?:-[a-z]{2,12}){0,3}|\d{3})$/

/** JSON lines on standard error; readable ones when a person sits at the terminal. */
export function createLog(level: string): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: (value, path) => (path.at(-1) === 'code' && errorCode.test(String(value)) ? value : '[secret]'),
    },
    serializers: { err: errorFields },
  }
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true })
  return pino(
    options,
    pino.multistream([stream, recentLines].map((one) => ({ stream: one, level: 'trace' }))),
  )
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
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    stack,
    ...(cause === undefined || depth >= 5 ? {} : { cause: errorFields(cause, depth + 1) }),
  }
}

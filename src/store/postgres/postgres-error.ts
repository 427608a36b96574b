import { StoreError, type StoreErrorKind } from '../store.ts'

/** The connection is gone, or was never made; what was under way on it has no answer. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** Classes and codes that say so. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lost =
  /^(?:08...|57P0[1-5]|25P03|53300|CONNECT.*|E[A-Z]+|ERR_(?:TLS|SSL|SOCKET|STREAM).*|SASL.*|.*CERT.*|UNABLE_TO.*)$/

/** Codes of PostgreSQL that are the world's fault, not ours. */
const faults: readonly (readonly [code: RegExp, kind: StoreErrorKind, sentence: string])[] = [
  [
    /^53[12]00$/,
    'disk',
    'is full or out of memory. Nothing was changed. Make room; Postern goes on by itself.',
  ],
  [/^58...$/, 'disk', 'has a fault of its disk. Nothing was changed. Look into its log.'],
  [/^25006$/, 'disk', 'takes no changes: it is a replica or set to read only. Name the primary.'],
  [/^XX00[12]$/, 'damaged', 'is damaged. Postern has changed nothing in it. Restore a backup.'],
  [/^57014$/, 'unreachable', 'took too long to answer. Postern tries again by itself.'],
  [
    /^(?:55P03|40...)$/,
    'unreachable',
    'is held by another session for too long. Postern tries again by itself.',
  ],
  [/^28...$/, 'unreachable', 'refuses the login. Check user and password in POSTERN_DATABASE_URL.'],
  [/^3D000$/, 'unreachable', 'is not there. Make it (createdb), or check its name in POSTERN_DATABASE_URL.'],
  [
    /^42501$/,
    'unreachable',
    'denies something that Postern needs: let its role own the database, or the schema postern in it.',
  ],
]

/** Whether the connection on which this came is of no more use. */
export function isLost(error: unknown): boolean {
  return error instanceof ConnectionLost || lost.test(codeOf(error))
}

/**
 * A StoreError where the error is one that the store speaks of. Anything else is our bug: it comes as an Error of code and
 * message, without the values that PostgreSQL and the driver attach.
 */
export function storeError(error: unknown, shown: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (code === '' && !(error instanceof ConnectionLost)) return error
  const cause = bare(error)
  if (code === '23505')
    return new StoreError('duplicate', 'Cannot write to the database: there is one already', { cause })
  const fault = faults.find(([pattern]) => pattern.test(code))
  if (fault !== undefined) return new StoreError(fault[1], `The database ${shown} ${fault[2]}`, { cause })
  if (!isLost(error)) return cause
  const why = code === '' ? '' : ` (${code})`
  return new StoreError(
    'unreachable',
    `The database ${shown} cannot be reached${why}. Postern tries again by itself.`,
    { cause },
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function bare(error: Error): Error {
  const code = codeOf(error)
  const copy = new Error(code === '' ? error.message : `${code}: ${error.message}`)
  copy.stack = `${error.name}: ${copy.message}\n${(error.stack ?? '').split('\n').slice(1).join('\n')}`
  return copy
}

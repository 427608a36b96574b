import { StoreError, type StoreErrorKind } from '../store.ts'

/** Primary result codes of SQLite that are the world's fault, not ours. https://www.sqlite.org/rescode.html */
const kinds = new Map<number, StoreErrorKind>([
  [3, 'disk'], // PERM
  [5, 'locked'], // BUSY
  [6, 'locked'], // LOCKED
  [8, 'disk'], // READONLY
  [10, 'disk'], // IOERR
  [11, 'damaged'], // CORRUPT
  [13, 'disk'], // FULL
  [14, 'disk'], // CANTOPEN
  [26, 'damaged'], // NOTADB
])

const full = 13
const ioErrorShmSize = 4874
const unique = new Set([1555, 2067, 2579]) // CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE, CONSTRAINT_ROWID

/** A StoreError where SQLite's error is one that the store speaks of; anything else as it came, since it is our bug. */
export function storeError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error
  if (unique.has(error.errcode))
    return new StoreError('duplicate', `Cannot write to ${path}: there is one already`, { cause: error })
  // Where the index of the journal cannot grow it is for want of room; SQLite calls that a fault of the disk.
  const code = error.errcode === ioErrorShmSize ? full : error.errcode & 0xff
  const kind = kinds.get(code)
  return kind === undefined ? error : new StoreError(kind, sentence(kind, code, path), { cause: error })
}

function sentence(kind: StoreErrorKind, code: number, path: string): string {
  if (code === full)
    return `The disk of ${path} is full. Nothing was changed. Make room; a Postern that runs goes on by itself.`
  if (code === 14 || code === 3 || code === 8)
    return `Cannot open ${path} for writing. Check that the folder exists and that Postern may write to it.`
  if (kind === 'disk')
    return `The disk refused to read or write ${path}. Nothing was changed. Check the disk and the folder's rights.`
  if (kind === 'locked') return `${path} is in use by another program. Stop that one first.`
  return damagedText(path)
}

/** What to tell a person whose file is damaged. */
export function damagedText(path: string): string {
  return (
    `${path} is damaged. Postern has changed nothing in it. Restore a backup; or run postern store repair, which saves what ` +
    'can be read and keeps the file. The mail itself is at Gmail, and is read anew from there.'
  )
}

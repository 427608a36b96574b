import { readFile } from 'node:fs/promises'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { Complaint } from '../complaint.ts'

/** Headers that a collector wants to see, as `Authorization`: one `Name: value` a line. */
export interface HeadersFile {
  /** As the file has them now, so that keys can be changed while Postern runs; as before while it cannot be used. */
  current(): Promise<Record<string, string>>
}

/** Throws Complaint when the file cannot be used. */
export async function openHeadersFile(path: string): Promise<HeadersFile> {
  let known = await read(path)
  return {
    async current() {
      known = await read(path).catch(() => known)
      return { ...known }
    },
  }
}

async function read(path: string): Promise<Record<string, string>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Complaint(`POSTERN_TRACE_HEADERS_FILE: ${path} cannot be read (${code ?? 'unknown error'})`, {
      cause: error,
    })
  }
  const lines = text.split(/\r?\n/).map((line, at) => ({ line: line.trim(), number: at + 1 }))
  const headers = lines.filter(({ line }) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(headers.map(({ line, number }) => header(line, `${path}:${number}`)))
}

/** The text itself is a secret: only its place is told. */
function header(line: string, place: string): [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon)).trim()
  const value = line.slice(colon + 1).trim()
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw new Complaint(
      `POSTERN_TRACE_HEADERS_FILE: ${place} is no header, for example: Authorization: Bearer abc`,
    )
  }
  return [name, value]
}

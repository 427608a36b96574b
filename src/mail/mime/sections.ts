import { emptyLine, fieldNames, lineEnd, matchName, type FieldNames } from './header.ts'
import type { Part } from './structure.ts'

export type SectionKind = '' | 'HEADER' | 'TEXT' | 'MIME'

/**
 * The octets of `BODY[path.kind]`, a view of `bytes`; undefined when there is no such part. RFC 9051 section 6.4.5:
 * "Every message has at least one part number"; HEADER and TEXT after a number need a message/rfc822 part.
 */
export function findSection(
  bytes: Buffer,
  structure: Part,
  path: readonly number[],
  kind: SectionKind,
): Buffer | undefined {
  if (path.length === 0) {
    if (kind === '') return bytes
    if (kind === 'MIME') return undefined
    return kind === 'HEADER'
      ? bytes.subarray(structure.headerStart, structure.bodyStart)
      : bytes.subarray(structure.bodyStart, structure.bodyEnd)
  }
  const part = findPart(structure, path)
  if (part === undefined) return undefined
  if (kind === '') return bytes.subarray(part.bodyStart, part.bodyEnd)
  if (kind === 'MIME') return bytes.subarray(part.headerStart, part.bodyStart)
  const message = part.message
  if (message === undefined) return undefined
  return kind === 'HEADER'
    ? bytes.subarray(message.headerStart, message.bodyStart)
    : bytes.subarray(message.bodyStart, message.bodyEnd)
}

/** The part that a non-empty path names. */
export function findPart(structure: Part, path: readonly number[]): Part | undefined {
  let part: Part = structure
  // A message that is no multipart has itself as part 1.
  let whole = true
  for (const number of path) {
    if (!whole && part.message !== undefined) {
      part = part.message
      whole = true
    }
    const child = part.children[number - 1]
    if (child !== undefined) part = child
    else if (!whole || part.children.length > 0 || number !== 1) return undefined
    whole = false
  }
  return part
}

const CR = 0x0d
const LF = 0x0a
const SP = 0x20
const TAB = 0x09

const prepared = new WeakMap<readonly string[], FieldNames>()

/**
 * The lines of the named fields (or, with `not`, of all others) as they stand, in the header's order, duplicates too,
 * and the empty line. RFC 9051 section 6.4.5 HEADER.FIELDS. Pass the same array again for the same fields: what is
 * worked out from it is remembered with it.
 */
export function headerFields(header: Buffer, names: readonly string[], not: boolean): Buffer {
  let wanted = prepared.get(names)
  if (wanted === undefined) {
    wanted = fieldNames(names)
    prepared.set(names, wanted)
  }
  // Runs of lines to keep, as pairs of offsets.
  const runs: number[] = []
  let size = 0
  let keeping = false
  let at = 0
  let empty = 0
  while (at < header.length) {
    const first = header[at]
    if (first === LF || first === CR) {
      empty = emptyLine(header, at)
      if (empty > 0) break
    }
    // A continuation of nothing is a line of its own.
    if (at === 0 || (first !== SP && first !== TAB)) {
      const keep = (matchName(wanted, header, at) !== -1) !== not
      if (keep !== keeping) {
        runs.push(at)
        keeping = keep
      }
    }
    at = lineEnd(header, at)
  }
  if (keeping) runs.push(at)
  for (let i = 0; i < runs.length; i += 2) size += (runs[i + 1] as number) - (runs[i] as number)
  const unended = keeping && header[at - 1] !== LF ? 2 : 0
  const result = Buffer.allocUnsafe(size + unended + (empty || 2))
  let written = 0
  for (let i = 0; i < runs.length; i += 2) written += header.copy(result, written, runs[i], runs[i + 1])
  if (unended > 0 || empty !== 1) {
    if (unended > 0) {
      result[written++] = CR
      result[written++] = LF
    }
    result[written++] = CR
  }
  result[written] = LF
  return result
}

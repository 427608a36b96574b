import { splitHeader } from '#mail/mime/header.ts'
import { findPart, findSection, headerFields } from '#mail/mime/sections.ts'
import { parseStructure, type Part } from '#mail/mime/structure.ts'
import { decodeTransferEncoding } from '#mail/mime/transfer-encoding.ts'
import type { Section } from './section.ts'

/** A message's octets, with what is worked out from them on demand. Everything it gives is a view of them. */
export class OpenedMessage {
  readonly bytes: Buffer
  #structure: Part | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get structure(): Part {
    return (this.#structure ??= parseStructure(this.bytes))
  }

  /** Undefined when there is no such part. The tree is not needed for the message's own header and text. */
  section(section: Section): Buffer | undefined {
    const { path, kind } = section
    if (path.length > 0) {
      const found = findSection(this.bytes, this.structure, path, kind)
      return found === undefined ? undefined : headerSection(found, section)
    }
    if (kind === '') return this.bytes
    const { header, bodyStart } = splitHeader(this.bytes)
    return kind === 'TEXT' ? this.bytes.subarray(bodyStart) : headerSection(header, section)
  }

  /**
   * A part without its transfer encoding: undefined when there is no such part, `unknown-encoding` when its encoding is.
   * Without a path it is the message as it is. RFC 3516 section 4.2. Headers and texts have no encoding of their own.
   */
  decoded(section: Section): Buffer | undefined | 'unknown-encoding' {
    const { path, kind } = section
    if (path.length === 0 || kind !== '') return this.section(section)
    const part = findPart(this.structure, path)
    if (part === undefined) return undefined
    const body = this.bytes.subarray(part.bodyStart, part.bodyEnd)
    return decodeTransferEncoding(body, part.encoding) ?? 'unknown-encoding'
  }
}

/** A header, or the fields of it that were asked for. */
export function headerSection(header: Buffer, { fields, not }: Section): Buffer {
  return fields === undefined ? header : headerFields(header, fields, not)
}

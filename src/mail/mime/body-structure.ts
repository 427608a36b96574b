import { envelopeOf } from './envelope.ts'
import { readHeader } from './header.ts'
import { imapNstring, imapString } from './imap-text.ts'
import { joinContinuations } from './continuations.ts'
import type { Parameter } from './parameters.ts'
import type { Part } from './structure.ts'

/**
 * BODYSTRUCTURE (extended) or BODY of a part, with its parentheses, one character per octet. RFC 9051 section 7.5.2.
 * `bytes` are those the structure was parsed from. As deep as the structure, so `depthLimit` calls at most.
 */
export function bodyStructure(part: Part, bytes: Buffer, options: { readonly extended: boolean }): string {
  const { extended } = options
  if (part.children.length > 0) {
    const children = part.children.map((child) => bodyStructure(child, bytes, options)).join('')
    const extension = extended ? ` ${parameterList(part.parameters)} ${extensionData(part)}` : ''
    return `(${children} ${imapString(part.subtype)}${extension})`
  }
  const fields = [
    imapString(part.type),
    imapString(part.subtype),
    parameterList(part.parameters),
    imapNstring(part.id),
    imapNstring(part.description),
    imapString(part.encoding),
    String(part.bodyEnd - part.bodyStart),
  ]
  if (part.message !== undefined) {
    fields.push(envelopeOf(readHeader(bytes.subarray(0, part.message.bodyStart), part.message.headerStart)))
    fields.push(bodyStructure(part.message, bytes, options))
    fields.push(String(part.lines))
  } else if (part.mediaType.startsWith('text/')) fields.push(String(part.lines))
  if (extended) fields.push(imapNstring(part.md5), extensionData(part))
  return `(${fields.join(' ')})`
}

/** body-fld-dsp SP body-fld-lang SP body-fld-loc. RFC 9051 section 9. */
function extensionData(part: Part): string {
  const { disposition, languages } = part
  const shown =
    disposition === undefined
      ? 'NIL'
      : `(${imapString(disposition.value)} ${parameterList(disposition.parameters)})`
  const language = languages.length === 0 ? 'NIL' : `(${languages.map(imapString).join(' ')})`
  return `${shown} ${language} ${imapNstring(part.location)}`
}

function parameterList(parameters: readonly Parameter[]): string {
  const joined = joinContinuations(parameters)
  if (joined.length === 0) return 'NIL'
  return `(${joined.map(([name, value]) => `${imapString(name)} ${imapString(value)}`).join(' ')})`
}

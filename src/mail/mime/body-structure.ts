import { envelopeOf } from './envelope.ts'
import { readHeader } from './header.ts'
import { imapNstring, imapString } from './imap-text.ts'
import { joinContinuations } from './continuations.ts'
import type { Parameter } from './parameters.ts'
import type { Part } from './structure.ts'

/** Envelopes of enclosed messages have this many characters together; those after it are empty. */
const enclosedEnvelopesLimit = 1024 * 1024
const emptyEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'

/**
 * BODYSTRUCTURE (extended) or BODY of a message, with its parentheses, one character per octet. RFC 9051 section 7.5.2.
 * `bytes` are those the structure was parsed from.
 */
export function bodyStructure(
  structure: Part,
  bytes: Buffer,
  { extended }: { readonly extended: boolean },
): string {
  let envelopesLeft = enclosedEnvelopesLimit

  function envelopeText({ headerStart, bodyStart }: Part): string {
    if (envelopesLeft <= 0) return emptyEnvelope
    const written = envelopeOf(readHeader(bytes.subarray(0, bodyStart), headerStart))
    envelopesLeft -= written.length
    return written
  }

  /** As deep as the structure, so `depthLimit` calls at most. */
  function text(part: Part): string {
    if (part.children.length > 0) {
      const extension = extended ? ` ${parameterList(part.parameters)} ${extensionData(part)}` : ''
      return `(${part.children.map(text).join('')} ${imapString(part.subtype)}${extension})`
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
    if (part.message !== undefined)
      fields.push(envelopeText(part.message), text(part.message), String(part.lines))
    else if (part.mediaType.startsWith('text/')) fields.push(String(part.lines))
    if (extended) fields.push(imapNstring(part.md5), extensionData(part))
    return `(${fields.join(' ')})`
  }

  return text(structure)
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

import { unfold } from '#mail/mime/header.ts'
import { SubmissionRefusal } from './refusal.ts'

const LF = 0x0a
const SP = 0x20
const TAB = 0x09
const COLON = 0x3a

/** A header beyond this is refused. Gmail's own limit for all header lines together is 500 kB. */
const headerLimitBytes = 1024 * 1024

/** One field of a header, with its place. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string
  /** Unfolded, one character per octet. */
  readonly value: string
  readonly start: number
  /** After its last line end. */
  readonly end: number
}

export interface MessageHeader {
  readonly fields: readonly HeaderField[]
  /** Where the empty line starts; with no empty line, the end. */
  readonly end: number
  /** What the message begins with is no header at all: all of it is body. */
  readonly missing: boolean
}

/**
 * The fields of a message whose lines end in CRLF. Strict, because who gets the mail hangs on every reader finding the
 * same fields: a line that is no field is refused. Only a message that begins with such a line has no header.
 */
export function readFields(message: Buffer): MessageHeader {
  const fields: HeaderField[] = []
  let at = 0
  while (at < message.length) {
    if (message[at] === 0x0d && message[at + 1] === LF) break
    if (at > headerLimitBytes) throw new SubmissionRefusal(552, '5.3.4', 'The header is longer than 1 MB')
    const colon = nameEnd(message, at)
    if (colon === undefined) {
      if (fields.length === 0) return { fields, end: 0, missing: true }
      throw new SubmissionRefusal(550, '5.6.0', 'The header has a line that is no field: "Name: value"')
    }
    const end = fieldEnd(message, at)
    fields.push({
      name: message.toString('latin1', at, colon).toLowerCase(),
      value: unfold(message, colon + 1, end),
      start: at,
      end,
    })
    at = end
  }
  return { fields, end: Math.min(at, message.length), missing: fields.length === 0 && at >= message.length }
}

/** field-name = 1*ftext: printable but for the colon, and no space before it. RFC 5322 section 3.6.8. */
function nameEnd(message: Buffer, at: number): number | undefined {
  for (let i = at; i < message.length; i++) {
    const byte = message[i] as number
    if (byte === COLON) return i > at ? i : undefined
    if (byte <= SP || byte > 0x7e) return undefined
  }
  return undefined
}

function fieldEnd(message: Buffer, at: number): number {
  let end = at
  do {
    const feed = message.indexOf(LF, end)
    end = feed === -1 ? message.length : feed + 1
  } while (message[end] === SP || message[end] === TAB)
  return end
}

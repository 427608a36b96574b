import type { NewMail } from '#mail/writing.ts'
import type { Completion } from '../command.ts'
import type { AppendedMessage } from './arguments.ts'
import { bytesOfUrl, type Appending } from './message-url.ts'

/** The messages, whole, or why they cannot be put in. One that came as one literal is not copied. */
export async function completeMail(
  context: Appending,
  messages: readonly AppendedMessage[],
): Promise<readonly NewMail[] | Completion> {
  const mails: NewMail[] = []
  let sumBytes = 0
  const { appendLimitBytes } = context.mailstore
  for (const { parts, ...message } of messages) {
    const octets: Buffer[] = []
    let sizeBytes = 0
    for (const part of parts) {
      const piece = Buffer.isBuffer(part) ? part : await bytesOfUrl(context, part.url)
      if (piece === undefined) return badUrl((part as { url: string }).url)
      octets.push(piece)
      sizeBytes += piece.length
      if (sizeBytes > appendLimitBytes) return tooBig
    }
    // "Specifying a zero-length literal" is how a client takes it back. RFC 3502 section 6.3.11.
    if (sizeBytes === 0) return nothing
    sumBytes += sizeBytes
    if (sumBytes > 2 * appendLimitBytes) return tooBig
    mails.push({ ...message, bytes: octets.length === 1 ? (octets[0] as Buffer) : Buffer.concat(octets) })
  }
  return mails
}

const tooBig: Completion = { status: 'NO', code: 'TOOBIG', text: 'The message is too large' }

const nothing: Completion = { status: 'NO', code: 'CANNOT', text: 'A message of no octets is not put in' }

/** RFC 4469 section 4. */
function badUrl(url: string): Completion {
  // "Any TEXT-CHAR except "]"", and no quoting within: what a URL may not hold is encoded as RFC 3986 has it.
  const plain = url.replaceAll(/["\\\]]/g, (character) => encodeURIComponent(character))
  const quoted = /^[\x20-\x7e]{1,200}$/.test(url) ? ` "${plain}"` : ''
  return { status: 'NO', code: `BADURL${quoted}`, text: 'This names no part of a message here' }
}

import { createHash } from 'node:crypto'
import { parseAddresses } from '#mail/mime/address.ts'
import { parseDate } from '#mail/mime/date.ts'
import { decodeHeaderText } from '#mail/mime/encoded-word.ts'
import { readHeader } from '#mail/mime/header.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'

/** What stays of a message when Gmail sends it: the Message-ID is replaced, From may be. Fact sheet section 2.6. */
export interface Likeness {
  /** To, Cc, Subject and Date. */
  readonly header: string
  /** Empty where there is no Bcc. */
  readonly bcc: string
  readonly body: string
}

/** Messages that are alike in all three have the same recipients, Subject, Date and body. */
export function likenessOf(bytes: Buffer): Likeness {
  const header = readHeader(bytes, 0)
  const people = (['to', 'cc', 'bcc'] as const).map((name) =>
    header
      .all(name)
      .flatMap((value) => parseAddresses(value))
      .flatMap(({ mailbox, host }) => (host === undefined ? [] : [`${mailbox}@${host}`.toLowerCase()]))
      .sort(),
  )
  const subject = decodeHeaderText(header.first('subject') ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const date = header.first('date') ?? ''
  const [to, cc, bcc = []] = people
  const facts = JSON.stringify([to, cc, subject, parseDate(date)?.time ?? date])
  const body = canonicalLineEnds(bytes.subarray(header.end))
  return {
    header: createHash('sha256').update(facts).digest('hex'),
    bcc: bcc.join(),
    body: createHash('sha256')
      .update(body.subarray(0, endOfText(body)))
      .digest('hex'),
  }
}

/**
 * Equal for messages that are alike in recipients, Subject, Date and body; Bcc is left out, which a client's own copy has
 * or has not.
 */
export function likenessDigest(bytes: Buffer): Buffer {
  const { header, body } = likenessOf(bytes)
  return createHash('sha256').update(header).update(body).digest()
}

/** Line ends and spaces at the end of the body come and go. */
function endOfText(body: Buffer): number {
  let end = body.length
  while (end > 0 && (body[end - 1] as number) <= 0x20) end--
  return end
}

import { hasSaved, type NumberRange } from '#mail/number-set.ts'
import type { Parser } from '../parser.ts'

/** What a client that was here before still knows of a mailbox. RFC 7162 section 3.2.5. */
export interface LastKnown {
  readonly uidValidity: number
  readonly modSeq: number
  /** The UIDs that it holds; undefined for all. */
  readonly uids: readonly NumberRange[] | undefined
  /** The client tells which numbers some UIDs had. */
  readonly hasNumbers: boolean
}

/**
 * "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")". The numbers that some UIDs had would spare a
 * server that forgets what vanished; this one does not, so they are read and passed over. RFC 7162 section 7. Throws
 * ProtocolError.
 */
export function readLastKnown(parser: Parser): LastKnown {
  parser.expect('(')
  const uidValidity = parser.nzNumber('A UIDVALIDITY')
  parser.space()
  const modSeq = parser.modSeq()
  let more = parser.optionalSpace()
  let uids: readonly NumberRange[] | undefined
  if (more && !parser.at('(')) {
    uids = plainSet(parser)
    more = parser.optionalSpace()
  }
  const hasNumbers = more && parser.at('(')
  if (hasNumbers) {
    parser.expect('(')
    plainSet(parser)
    parser.space()
    plainSet(parser)
    parser.expect(')')
  }
  parser.expect(')')
  return { uidValidity, modSeq, uids, hasNumbers }
}

/** "known-uids: sequence-set; … "*" is not allowed". RFC 7162 section 7. */
function plainSet(parser: Parser): readonly NumberRange[] {
  const set = parser.numberSet()
  if (hasSaved(set) || set.some(({ from, to }) => from === Infinity || to === Infinity))
    parser.fail('Only plain numbers can be known')
  return set
}

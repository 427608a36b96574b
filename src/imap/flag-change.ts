import { flagBit } from '#mail/flags.ts'
import type { FlagSet } from '#mail/flags.ts'
import type { FlagChange } from '#mail/mailstore.ts'
import type { Parser } from './parser.ts'

const maxFlags = 100
const maxKeywordLength = 255

/** Bits and free keywords of flags as a client writes them. \Recent is the server's own and is passed over. Throws ProtocolError. */
export function readFlags(parser: Parser, flags: readonly string[]): Omit<FlagChange, 'mode'> {
  if (flags.length > maxFlags) parser.fail('Too many flags')
  let bits = 0
  const keywords = new Map<string, string>()
  for (const flag of flags) {
    const bit = flagBit(flag)
    if (bit !== undefined) bits |= bit
    else if (flag.toLowerCase() === '\\recent') continue
    else if (flag.startsWith('\\')) parser.fail('This system flag does not exist')
    else if (flag.length > maxKeywordLength) parser.fail('This keyword is too long')
    else keywords.set(flag.toLowerCase(), flag)
  }
  return { bits, keywords: [...keywords.values()] }
}

/** What a change makes of some flags, if nobody else changes them. */
export function afterChange(
  before: FlagSet,
  { mode, bits, keywords }: FlagChange,
): { bits: number; keywords: readonly string[] } {
  if (mode === 'replace') return { bits, keywords }
  const named = new Set(keywords.map((keyword) => keyword.toLowerCase()))
  const others = before.keywords.filter((keyword) => !named.has(keyword.toLowerCase()))
  if (mode === 'remove') return { bits: before.bits & ~bits, keywords: others }
  // The first spelling of a keyword stays.
  const kept = before.keywords.filter((keyword) => named.has(keyword.toLowerCase()))
  const held = new Set(kept.map((keyword) => keyword.toLowerCase()))
  const added = keywords.filter((keyword) => !held.has(keyword.toLowerCase()))
  return { bits: before.bits | bits, keywords: [...others, ...kept, ...added] }
}

import { decodePlain } from './encoded-word.ts'
import { characters, Lexer } from './lexer.ts'

/** More ids of one message than this are left out. */
const idLimit = 1000

const beforeId = characters('<" \t(')

/**
 * The message ids of a Message-ID, In-Reply-To or References field (one character per octet, unfolded), in order, each
 * with its angle brackets, white space inside them removed. Words, quoted strings and comments between them are passed
 * over. RFC 5322 sections 3.6.4 and 4.5.4.
 */
export function parseMessageIds(text: string): string[] {
  const ids: string[] = []
  const lexer = new Lexer(text)
  while (ids.length < idLimit) {
    lexer.gap()
    if (lexer.ended) break
    if (lexer.peek() === '"') lexer.quoted()
    else if (lexer.peek() === '<') {
      const end = text.indexOf('>', lexer.at)
      if (end === -1) break
      ids.push(decodePlain(text.slice(lexer.at, end + 1).replaceAll(/[ \t]+/g, '')))
      lexer.at = end + 1
    } else lexer.until(beforeId)
  }
  return ids
}

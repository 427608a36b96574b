const closing = new Map([
  ['(', ')'],
  ['[', ']'],
])

/**
 * The IMAP value that begins at `at`: a quoted string, a literal with its octets, a list, or an atom with its section, such
 * as `BODY[1.MIME]`. Empty where none begins.
 */
export function readWord(text: string, at: number): string {
  const first = text[at]
  if (first === '"') return text.slice(at, endOfQuoted(text, at))
  const literal = /~?\{(\d+)\}\r\n/y
  literal.lastIndex = at
  const found = literal.exec(text)
  if (found !== null) return text.slice(at, literal.lastIndex + Number(found[1]))
  if (first === '(') return text.slice(at, endOfGroup(text, at))
  let end = at
  while (end < text.length && !' ()]"\r\n'.includes(text[end] as string))
    end = text[end] === '[' ? endOfGroup(text, end) : end + 1
  return text.slice(at, end)
}

/** The values from `at` on, up to a bracket that closes more than was opened, or to the end of the text. */
export function splitWords(text: string, at: number): { words: string[]; end: number } {
  const words: string[] = []
  let end = at
  while (end < text.length && text[end] !== ')' && text[end] !== ']') {
    if (text[end] === ' ') {
      end++
      continue
    }
    // A character that belongs to no value counts as one.
    const word =
      text[end] === '!' ? `!${readWord(text, end + 1)}` : readWord(text, end) || (text[end] as string)
    words.push(word)
    end += word.length
  }
  return { words, end }
}

function endOfQuoted(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return Math.min(end + 1, text.length)
}

function endOfGroup(text: string, at: number): number {
  const close = closing.get(text[at] as string)
  let end = at + 1
  while (end < text.length && text[end] !== close) end += readWord(text, end).length || 1
  return Math.min(end + 1, text.length)
}

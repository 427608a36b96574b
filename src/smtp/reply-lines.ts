const lineLimit = 480

/** RFC 5321 section 4.5.3.1.5 gives a line 512 octets; further ones repeat the enhanced code (RFC 2034 section 4). */
export function replyLines(text: string): string | string[] {
  if (text.length <= lineLimit) return text
  const code = text.slice(0, text.indexOf(' '))
  const lines: string[] = []
  let line = code
  for (const word of text.slice(code.length + 1).split(' ')) {
    if (line.length + 1 + word.length > lineLimit) {
      lines.push(line)
      line = code
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

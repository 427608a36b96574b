import type { Bindings } from './pattern.ts'

/** Text of a transcript as octets, one character each: UTF-8, and `\x00` for any octet. */
export function octetsOf(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const call = /\$(?:(base64|repeat)\(|([a-z]\w*))/g

/**
 * What a client sends: `$name` is what was bound to it, `$base64(TEXT)` and `$repeat(TEXT, COUNT)` are made here. `text` has
 * one character per octet. Throws Error for an unbound name.
 */
export function compose(text: string, bindings: Bindings): string {
  let out = ''
  let at = 0
  call.lastIndex = 0
  for (;;) {
    call.lastIndex = at
    const found = call.exec(text)
    if (found === null) return out + text.slice(at)
    out += text.slice(at, found.index)
    const [whole, name, variable] = found
    at = found.index + whole.length
    if (variable !== undefined) {
      const value = bindings.get(variable)
      if (value === undefined) throw new Error(`$${variable} is not bound to anything`)
      out += value
      continue
    }
    const end = closingParenthesis(text, at)
    const inner = text.slice(at, end)
    at = end + 1
    if (name === 'base64') out += Buffer.from(compose(inner, bindings), 'latin1').toString('base64')
    else {
      const comma = inner.lastIndexOf(',')
      out += compose(inner.slice(0, comma), bindings).repeat(Number(inner.slice(comma + 1)))
    }
  }
}

/** The names that `compose` will look up. */
export function namesUsed(text: string): string[] {
  return [...text.matchAll(call)].flatMap(([, , variable]) => variable ?? [])
}

function closingParenthesis(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  throw new Error('a parenthesis of $base64( or $repeat( is not closed')
}

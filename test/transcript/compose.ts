import type { Bindings } from './pattern.ts'

/** Text of a transcript as octets, one character each: UTF-8, and `\x00` for any octet. */
export function octetsOf(text: string): string {
  return utf8Octets(text).replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) => octet(hex))
}

const call = /\$(?:(base64|repeat)\(|([a-z]\w*))|\\x([0-9a-fA-F]{2})/g

/**
 * What a client sends, one character per octet: `$name` is what was bound to it, `$base64(TEXT)` and `$repeat(TEXT, COUNT)`
 * are made here, `\x00` is any octet, also a parenthesis that is no parenthesis. Throws Error for an unbound name.
 */
export function compose(text: string, bindings: Bindings): string {
  return composeOctets(utf8Octets(text), bindings)
}

function composeOctets(text: string, bindings: Bindings): string {
  let out = ''
  let at = 0
  for (;;) {
    call.lastIndex = at
    const found = call.exec(text)
    if (found === null) return out + text.slice(at)
    out += text.slice(at, found.index)
    const [whole, name, variable, hex] = found
    at = found.index + whole.length
    if (hex !== undefined) out += octet(hex)
    else if (variable !== undefined) {
      const value = bindings.get(variable)
      if (value === undefined) throw new Error(`$${variable} is not bound to anything`)
      out += value
    } else {
      const end = closingParenthesis(text, at)
      out +=
        name === 'base64' ? base64(text.slice(at, end), bindings) : repeated(text.slice(at, end), bindings)
      at = end + 1
    }
  }
}

function base64(text: string, bindings: Bindings): string {
  return Buffer.from(composeOctets(text, bindings), 'latin1').toString('base64')
}

function repeated(text: string, bindings: Bindings): string {
  const comma = text.lastIndexOf(',')
  return composeOctets(text.slice(0, comma), bindings).repeat(Number(text.slice(comma + 1)))
}

/** The names that `compose` will look up. */
export function namesUsed(text: string): string[] {
  return [...text.matchAll(call)].flatMap(([, , variable]) => variable ?? [])
}

function utf8Octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function octet(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

function closingParenthesis(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  throw new Error('a parenthesis of $base64( or $repeat( is not closed')
}

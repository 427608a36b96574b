import { trim } from './header.ts'
import { characters, Lexer } from './lexer.ts'

/** A name as written and a value with its quotes removed, one character per octet. */
export type Parameter = readonly [name: string, value: string]

/** A field of the form `value; name=value; …`. */
export interface Parameterised {
  readonly value: string
  readonly parameters: readonly Parameter[]
}

/** More parameters than this are left out. */
const parameterLimit = 100

const afterValue = characters('; \t(')
const afterName = characters('=; \t(')
const afterToken = characters('; \t("')

/** Reads Content-Type, Content-Disposition and their kin. RFC 2045 section 5.1, RFC 2183 section 2. Never throws. */
export function parseParameterised(text: string): Parameterised {
  const lexer = new Lexer(text)
  lexer.gap()
  let value = ''
  // `text / plain` and comments between are forgiven: the pieces belong together up to the first semicolon.
  while (!lexer.ended && lexer.peek() !== ';') {
    value += lexer.peek() === '"' ? lexer.quoted() : lexer.until(afterValue)
    lexer.gap()
  }
  const parameters: Parameter[] = []
  while (lexer.skip(';') && parameters.length < parameterLimit) {
    const read = readParameter(lexer)
    if (read !== undefined) parameters.push(read)
  }
  return { value, parameters }
}

function readParameter(lexer: Lexer): Parameter | undefined {
  lexer.gap()
  const name = trim(lexer.until(afterName))
  lexer.gap()
  let value: string | undefined
  if (lexer.skip('=')) {
    value = ''
    lexer.gap()
    // Unquoted values with spaces are common in the wild (`name=my file.pdf`): everything up to the semicolon counts.
    while (!lexer.ended && lexer.peek() !== ';') {
      value += lexer.peek() === '"' ? lexer.quoted() : lexer.until(afterToken)
      if (lexer.gap() && !lexer.ended && lexer.peek() !== ';') value += ' '
    }
  }
  while (!lexer.ended && lexer.peek() !== ';') lexer.at++
  return name === '' || value === undefined ? undefined : [name, value]
}

/** The value of the first parameter of that lower-case name. */
export function parameter(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find(([key]) => key.toLowerCase() === name)?.[1]
}

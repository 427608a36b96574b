import { characters, Lexer } from './lexer.ts'

/**
 * One address structure as ENVELOPE has it (RFC 9051 section 7.5.2), raw text with one character per octet, quotes
 * removed. A group's start has its name in `mailbox` and no `host`; its end has neither.
 */
export interface Address {
  readonly name: string | undefined
  /** The at-domain-list of a source route. */
  readonly route: string | undefined
  readonly mailbox: string | undefined
  readonly host: string | undefined
}

/**
 * What stands for a part that was not written. RFC 9051 section 7.5.2 gives NIL a meaning (groups), so an address
 * without a domain must have something there; this is what Dovecot says.
 */
export const missingHost = 'MISSING_DOMAIN'
export const missingMailbox = 'MISSING_MAILBOX'

/** More addresses of one field than this are left out. */
export const addressLimit = 1000

const groupEnd: Address = { name: undefined, route: undefined, mailbox: undefined, host: undefined }

const afterWord = characters(' \t(",;:<>@')
const afterHost = characters(' \t(,;<>@')
const afterAngle = characters(' \t(",;>@')
const afterRoute = characters(' \t(:>')

/**
 * Reads an address list: groups, `Name <a@b>`, `a@b (Name)`, quoted local parts, routes, empty elements. RFC 5322
 * sections 3.4 and 4.4. Linear; stops after `limit` elements, group marks included. Never throws.
 */
export function parseAddresses(text: string, limit = addressLimit): Address[] {
  const addresses: Address[] = []
  const lexer = new Lexer(text)
  let inGroup = false
  while (!lexer.ended && addresses.length < limit) {
    const element = readElement(lexer)
    if (element !== undefined) addresses.push(element)
    if (lexer.skip(':')) {
      if (element === undefined) continue
      if (inGroup) addresses.splice(-1, 0, groupEnd)
      inGroup = true
    } else if (lexer.skip(';')) {
      if (inGroup) addresses.push(groupEnd)
      inGroup = false
    } else lexer.skip(',')
  }
  if (inGroup) addresses.push(groupEnd)
  return addresses
}

/** Up to the `,` `;` or end that ends it, or the `:` that makes it a group's name. */
function readElement(lexer: Lexer): Address | undefined {
  lexer.comment = undefined
  lexer.gap()
  // Everything before `<` as a phrase; if an `@` comes without `<`, what stands before it is the local part.
  let phrase = ''
  let local: string | undefined
  let host = ''
  let joined = ''
  let space = false
  for (;;) {
    const next = lexer.peek()
    if (next === '' || next === ',' || next === ';') break
    if (next === '<') return { ...readAngle(lexer), ...name(phrase, lexer) }
    if (next === ':' && local === undefined) {
      if (phrase === '') return undefined
      return { name: undefined, route: undefined, mailbox: phrase, host: undefined }
    }
    let word: string
    if (next === '"') word = lexer.quoted()
    else if (local === undefined) word = lexer.until(afterWord)
    else word = lexer.until(afterHost)
    if (word === '' && next !== '"') {
      word = next
      lexer.at++
      if (next === '@') {
        // Of several @ the last one counts: who reads `a@b@c` as an address at `b` is misled.
        local = local === undefined ? joined : `${local}@${host}`
        host = ''
        word = ''
        phrase += '@'
        space = false
      }
    } else if (local !== undefined) host += word
    if (space && word !== '') phrase += ' '
    phrase += word
    joined += word
    space = lexer.gap()
  }
  if (local !== undefined)
    return {
      name: lexer.comment === '' ? undefined : lexer.comment,
      route: undefined,
      mailbox: local === '' ? missingMailbox : local,
      host: host === '' ? missingHost : host,
    }
  if (phrase === '') return undefined
  const comment = lexer.comment === '' ? undefined : lexer.comment
  return { name: comment, route: undefined, mailbox: phrase, host: missingHost }
}

function name(phrase: string, lexer: Lexer): { name: string | undefined } {
  if (phrase !== '') return { name: phrase }
  return { name: lexer.comment === '' ? undefined : lexer.comment }
}

/** From `<` to `>`; without one, to the next `,` or `;`. */
function readAngle(lexer: Lexer): Omit<Address, 'name'> {
  lexer.at++
  lexer.gap()
  let route: string | undefined
  if (lexer.peek() === '@') {
    route = ''
    while (!lexer.ended && lexer.peek() !== ':' && lexer.peek() !== '>') {
      route += lexer.until(afterRoute)
      lexer.gap()
    }
    lexer.skip(':')
    lexer.gap()
  }
  let local = ''
  let host: string | undefined
  while (!lexer.ended) {
    const next = lexer.peek()
    if (next === '>' || next === ',' || next === ';') break
    if (next === '@') {
      lexer.at++
      local = host === undefined ? local : `${local}@${host}`
      host = ''
    } else {
      const word = next === '"' ? lexer.quoted() : lexer.until(afterAngle)
      if (host === undefined) local += word
      else host += word
    }
    lexer.gap()
  }
  lexer.skip('>')
  // A comment or junk between `>` and the next comma.
  lexer.gap()
  while (!lexer.ended && lexer.peek() !== ',' && lexer.peek() !== ';') {
    if (lexer.peek() === '"') lexer.quoted()
    else lexer.at++
    lexer.gap()
  }
  return {
    route: route === '' ? undefined : route,
    mailbox: local === '' ? missingMailbox : local,
    host: host === undefined || host === '' ? missingHost : host,
  }
}

/** What a person typed into the search field, as a tree. Fact sheet section 4. */
export type Query =
  | { kind: 'all'; of: Query[] }
  | { kind: 'any'; of: Query[] }
  | { kind: 'not'; of: Query }
  | { kind: 'text'; text: string }
  | { kind: 'near'; left: string; right: string; distance: number }
  | { kind: 'operator'; name: string; value: string }

/** Terms of one query; the rest is not looked at. */
const termLimit = 400
const depthLimit = 40
const lengthLimit = 20_000

type Token =
  | { kind: 'open' | 'close' | 'openAny' | 'closeAny' | 'minus' | 'or' }
  | { kind: 'text'; text: string }
  | { kind: 'operator'; name: string; value: string | undefined }
  | { kind: 'around'; distance: number }

/** Never throws: what is no syntax is text. */
export function parseQuery(text: string): Query {
  return new Parser(tokenise(text.slice(0, lengthLimit))).all(0, undefined)
}

const stops = new Set([' ', '\t', '\n', '\r', '(', ')', '{', '}', '"'])

function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length && tokens.length < termLimit * 3) {
    const char = text[at] ?? ''
    const single = { '(': 'open', ')': 'close', '{': 'openAny', '}': 'closeAny' } as const
    if (char === '(' || char === ')' || char === '{' || char === '}') tokens.push({ kind: single[char] })
    else if (char === '-' && at + 1 < text.length && !/\s/.test(text[at + 1] ?? ''))
      tokens.push({ kind: 'minus' })
    else if (char === '"') {
      const [phrase, end] = readQuoted(text, at)
      tokens.push({ kind: 'text', text: phrase })
      at = end
      continue
    } else if (char !== '+' && !/\s/.test(char)) {
      at = readWord(text, at, tokens)
      continue
    }
    at += 1
  }
  return tokens
}

function readQuoted(text: string, open: number): [string, number] {
  let phrase = ''
  let at = open + 1
  for (; at < text.length && text[at] !== '"'; at += 1) {
    if (text[at] === '\\' && at + 1 < text.length) at += 1
    phrase += text[at]
  }
  return [phrase, at + 1]
}

function readWord(text: string, start: number, tokens: Token[]): number {
  let at = start
  while (at < text.length && !stops.has(text[at] ?? '')) at += 1
  const word = text.slice(start, at)
  const colon = word.indexOf(':')
  const name = word.slice(0, Math.max(0, colon)).toLowerCase()
  if (word === 'OR' || word === '|') tokens.push({ kind: 'or' })
  else if (word === 'AND') return at
  else if (word === 'AROUND') return readDistance(text, at, tokens)
  else if (colon > 0 && operatorNames.has(name)) {
    const value = word.slice(colon + 1)
    if (value !== '') tokens.push({ kind: 'operator', name, value })
    else if (text[at] === '"') {
      const [phrase, end] = readQuoted(text, at)
      tokens.push({ kind: 'operator', name, value: phrase })
      return end
    } else tokens.push({ kind: 'operator', name, value: undefined })
  } else tokens.push({ kind: 'text', text: word })
  return at
}

function readDistance(text: string, from: number, tokens: Token[]): number {
  const match = /^\s+(\d{1,4})(?=\s)/.exec(text.slice(from, from + 20))
  tokens.push({ kind: 'around', distance: match ? Number(match[1]) : 20 })
  return from + (match?.[0].length ?? 0)
}

/** The operators; anything else before a colon is a word. */
const operatorNames = new Set(
  (
    'from to cc bcc subject list deliveredto rfc822msgid after before older newer newer_than older_than larger smaller ' +
    'size has filename label in is category'
  ).split(' '),
)

class Parser {
  readonly #tokens: Token[]
  #at = 0
  #terms = 0

  constructor(tokens: Token[]) {
    this.#tokens = tokens
  }

  /** Terms side by side must all match; OR binds the terms beside it. `name` is given to bare words: subject:(a b). */
  all(depth: number, name: string | undefined): Query {
    const groups: Query[][] = []
    let orPending = false
    for (;;) {
      const token = this.#tokens[this.#at]
      if (!token || token.kind === 'close' || token.kind === 'closeAny') break
      if (token.kind === 'or') {
        orPending = groups.length > 0
        this.#at += 1
        continue
      }
      if (token.kind === 'around') {
        this.#at += 1
        this.#near(groups, token.distance)
        continue
      }
      const term = this.#term(depth, name)
      if (!term) continue
      if (orPending) groups.at(-1)?.push(term)
      else groups.push([term])
      orPending = false
    }
    return { kind: 'all', of: groups.map((terms) => simplify('any', terms)) }
  }

  #any(depth: number, name: string | undefined): Query {
    const terms: Query[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (!token || token.kind === 'closeAny' || token.kind === 'close') break
      if (token.kind === 'or' || token.kind === 'around') {
        this.#at += 1
        continue
      }
      const term = this.#term(depth, name)
      if (term) terms.push(term)
    }
    return { kind: 'any', of: terms }
  }

  #term(depth: number, name: string | undefined): Query | undefined {
    const token = this.#tokens[this.#at]
    this.#at += 1
    if (!token || this.#terms >= termLimit) return undefined
    this.#terms += 1
    if (token.kind === 'minus') {
      if (depth >= depthLimit) return undefined
      const negated = this.#term(depth + 1, name)
      return negated && { kind: 'not', of: negated }
    }
    if (token.kind === 'open' || token.kind === 'openAny') return this.#group(token.kind, depth, name)
    if (token.kind === 'operator') {
      if (token.value !== undefined) return { kind: 'operator', name: token.name, value: token.value }
      const next = this.#tokens[this.#at]
      if (next?.kind !== 'open' && next?.kind !== 'openAny') return { kind: 'text', text: token.name }
      this.#at += 1
      return this.#group(next.kind, depth, token.name)
    }
    if (token.kind !== 'text') return undefined
    return name === undefined
      ? { kind: 'text', text: token.text }
      : { kind: 'operator', name, value: token.text }
  }

  #group(kind: 'open' | 'openAny', depth: number, name: string | undefined): Query | undefined {
    if (depth >= depthLimit) return undefined
    const inner = kind === 'open' ? this.all(depth + 1, name) : this.#any(depth + 1, name)
    this.#at += 1
    return inner
  }

  #near(groups: Query[][], distance: number): void {
    const left = groups.at(-1)?.at(-1)
    const next = this.#tokens[this.#at]
    if (left?.kind !== 'text' || next?.kind !== 'text') return
    this.#at += 1
    groups.at(-1)?.splice(-1, 1, { kind: 'near', left: left.text, right: next.text, distance })
  }
}

function simplify(kind: 'any' | 'all', of: Query[]): Query {
  return of.length === 1 && of[0] ? of[0] : { kind, of }
}

import { delimiter } from '#mail/mailbox.ts'

const any = '*'
const anyInLevel = '%'

/** Whether a mailbox name matches. */
export type Pattern = (name: string) => boolean

/**
 * A LIST pattern: `*` matches everything, `%` everything but the delimiter. RFC 9051 section 6.3.9. All ways to match are
 * followed at once, character by character, so the time is at most the product of both lengths and no pattern is bad.
 */
export function listPattern(text: string): Pattern {
  const tokens = joinWildcards(text)
  let literals = 0
  for (const token of tokens) if (token !== any && token !== anyInLevel) literals++
  const inboxTokens = inboxFolded(tokens)
  return (name) =>
    literals <= name.length &&
    (matches(tokens, name) || (inboxTokens !== undefined && isInbox(name) && matches(inboxTokens, name)))
}

/** Wildcards side by side mean one of them: `*` if it is there. */
function joinWildcards(text: string): string[] {
  const tokens: string[] = []
  for (const token of text.split('')) {
    const last = tokens.at(-1)
    const wildcard = token === any || token === anyInLevel
    if (wildcard && (last === any || last === anyInLevel)) {
      if (token === any) tokens[tokens.length - 1] = any
    } else tokens.push(token)
  }
  return tokens
}

/** INBOX is matched in any letter case: its letters in a pattern may be small. Undefined when that makes no difference. */
function inboxFolded(tokens: readonly string[]): string[] | undefined {
  let changed = false
  let open = true
  const folded = tokens.map((token) => {
    if (token === delimiter) open = false
    const capital = open ? token.toUpperCase() : token
    if (capital !== token) changed = true
    return capital
  })
  return changed ? folded : undefined
}

function isInbox(name: string): boolean {
  return name === 'INBOX' || name.startsWith(`INBOX${delimiter}`)
}

function matches(tokens: readonly string[], name: string): boolean {
  // reached[i]: the first i tokens can match what was read of the name.
  let reached = new Uint8Array(tokens.length + 1)
  let next = new Uint8Array(tokens.length + 1)
  reached[0] = 1
  skipWildcards(tokens, reached)
  for (let at = 0; at < name.length; at++) {
    const character = name[at] as string
    next.fill(0)
    let alive = false
    for (let i = 0; i < tokens.length; i++) {
      if (reached[i] === 0) continue
      const token = tokens[i]
      if (token === any || (token === anyInLevel && character !== delimiter)) next[i] = 1
      else if (token === character && token !== anyInLevel) next[i + 1] = 1
      else continue
      alive = true
    }
    if (!alive) return false
    skipWildcards(tokens, next)
    ;[reached, next] = [next, reached]
  }
  return reached[tokens.length] === 1
}

/** A wildcard may match nothing. */
function skipWildcards(tokens: readonly string[], reached: Uint8Array): void {
  for (let i = 0; i < tokens.length; i++)
    if (reached[i] === 1 && (tokens[i] === any || tokens[i] === anyInLevel)) reached[i + 1] = 1
}

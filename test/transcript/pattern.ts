import { readWord, splitWords } from './words.ts'

/** What a name of a transcript stands for, as it crosses the wire. */
export type Bindings = ReadonlyMap<string, string>

/**
 * One piece of an expected answer:
 * `text` as it is; `value` is `$name`, one IMAP value that binds once and must be the same afterwards (`$_` never binds);
 * `any` is `...`; `literal` is `{}` with the octets written below; `set` is `~ A B`, values in any order up to the closing
 * parenthesis or bracket, where `...` admits others and `!A` forbids one.
 */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly octets: string | undefined }
  | {
      readonly kind: 'set'
      readonly wanted: readonly Pattern[]
      readonly banned: readonly Pattern[]
      readonly open: boolean
    }

export type Pattern = readonly Piece[]

/** How far into the answer the pattern agreed; `bindings` when it agreed with all of it. */
export interface Match {
  readonly bindings: Bindings | undefined
  readonly agreedUpTo: number
}

const special = /\$(?:_|[a-z]\w*)|\.\.\.|(?<=^|[ ([])~ /g
/** Of IMAP, POP3, and SMTP with its enhanced code. */
const statusLine = /^(?:\S+ (?:OK|NO|BAD|BYE|PREAUTH)|\+|\+OK|-ERR|\d{3}(?: \d\.\d+\.\d+)?)(?: \[.*\])?$/

/** Reads what a transcript expects on one line. The human words of a status line need not be written. */
export function readPattern(text: string): Pattern {
  const pieces = readPieces(text)
  if (statusLine.test(text)) pieces.push({ kind: 'any' })
  return pieces
}

function readPieces(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  const plain = (to: number) => {
    if (to > from) pieces.push({ kind: 'text', text: text.slice(from, to) })
  }
  special.lastIndex = 0
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    plain(found.index)
    const [word] = found
    from = found.index + word.length
    if (word === '...') pieces.push({ kind: 'any' })
    else if (word === '~ ') {
      const { words, end } = splitWords(text, from)
      pieces.push(readSet(words))
      from = end
      special.lastIndex = end
    } else pieces.push({ kind: 'value', name: word.slice(1) })
  }
  plain(text.length)
  return pieces
}

function readSet(words: readonly string[]): Piece {
  const plain = words.filter((word) => word !== '...')
  return {
    kind: 'set',
    wanted: plain.filter((word) => !word.startsWith('!')).map(readPieces),
    banned: plain.filter((word) => word.startsWith('!')).map((word) => readPieces(word.slice(1))),
    open: plain.length < words.length,
  }
}

/** The names that a match would bind. */
export function* namesIn(pattern: Pattern): Generator<string, void, void> {
  for (const piece of pattern) {
    if (piece.kind === 'value' && piece.name !== '_') yield piece.name
    if (piece.kind === 'set') for (const one of piece.wanted) yield* namesIn(one)
  }
}

/** Compares an answer, one character per octet with its literals inline, with what was expected. */
export function match(pattern: Pattern, text: string, bindings: Bindings): Match {
  let agreedUpTo = 0
  const matchFrom = (index: number, at: number, known: Bindings): Bindings | undefined => {
    agreedUpTo = Math.max(agreedUpTo, at)
    const piece = pattern[index]
    if (piece === undefined) return at === text.length ? known : undefined
    switch (piece.kind) {
      case 'text':
        if (text.startsWith(piece.text, at)) return matchFrom(index + 1, at + piece.text.length, known)
        agreedUpTo = Math.max(agreedUpTo, at + commonLength(piece.text, text.slice(at)))
        return undefined
      case 'any':
        for (let end = text.length; end >= at; end--) {
          const found = matchFrom(index + 1, end, known)
          if (found !== undefined) return found
        }
        return undefined
      case 'literal': {
        const value = readWord(text, at)
        if (!/^~?\{/.test(value)) return undefined
        const octets = value.slice(value.indexOf('\n') + 1)
        if (piece.octets !== undefined && octets !== piece.octets) {
          agreedUpTo = Math.max(
            agreedUpTo,
            at + value.length - octets.length + commonLength(piece.octets, octets),
          )
          return undefined
        }
        return matchFrom(index + 1, at + value.length, known)
      }
      case 'value':
        return matchValue(piece.name, index, at, known)
      case 'set': {
        const { words, end } = splitWords(text, at)
        const found = matchSet(piece, words, known)
        return found && matchFrom(index + 1, end, found)
      }
    }
  }
  const matchValue = (name: string, index: number, at: number, known: Bindings): Bindings | undefined => {
    const bound = known.get(name)
    if (bound !== undefined)
      return text.startsWith(bound, at) ? matchFrom(index + 1, at + bound.length, known) : undefined
    const value = readWord(text, at)
    // `$from:$to`: the longest value first, then shorter ones.
    const shortest = /^[("{~]/.test(value) ? value.length : 1
    for (let length = value.length; length >= shortest; length--) {
      const part = value.slice(0, length)
      if (part === '') return undefined
      const next = name === '_' ? known : new Map([...known, [name, part]])
      const found = matchFrom(index + 1, at + length, next)
      if (found !== undefined) return found
    }
    return undefined
  }
  const found = matchFrom(0, 0, bindings)
  return { bindings: found, agreedUpTo }
}

function matchSet(
  { wanted, banned, open }: Extract<Piece, { kind: 'set' }>,
  words: readonly string[],
  bindings: Bindings,
): Bindings | undefined {
  if (!open && words.length !== wanted.length) return undefined
  if (banned.some((one) => words.some((word) => match(one, word, bindings).bindings !== undefined)))
    return undefined
  const place = (index: number, left: readonly string[], known: Bindings): Bindings | undefined => {
    const pattern = wanted[index]
    if (pattern === undefined) return known
    for (const [i, word] of left.entries()) {
      const found = match(pattern, word, known).bindings
      const all = found && place(index + 1, left.toSpliced(i, 1), found)
      if (all !== undefined) return all
    }
    return undefined
  }
  return place(0, words, bindings)
}

function commonLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

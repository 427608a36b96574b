import { messages } from '#test/fixtures/messages.ts'
import { namesUsed, octetsOf } from './compose.ts'
import { namesIn, readPattern, type Pattern } from './pattern.ts'

/** An answer of the server that is written down. */
export interface Expectation {
  readonly line: number
  /** As it stands in the file. */
  readonly source: string
  readonly pattern: Pattern
}

/** One or more lines of a transcript, by the line they begin on. */
export type Step = { readonly line: number } & (
  | { readonly kind: 'send'; readonly client: number; readonly texts: readonly string[] }
  | { readonly kind: 'start-tls' | 'leave' | 'left' | 'pass'; readonly client: number }
  | {
      readonly kind: 'answer'
      readonly client: number
      readonly optional: boolean
      readonly expected: Expectation
    }
  | {
      readonly kind: 'answers'
      readonly client: number
      readonly expected: readonly Expectation[]
      readonly open: boolean
    }
  | { readonly kind: 'google'; readonly sentence: string }
)

/** A protocol test as it was written. docs/transcripts.md says how to write one. */
export interface Transcript {
  readonly name: string
  readonly file: string
  readonly rfc: string
  readonly seed: string
  /** Whether Dovecot must answer in the same way; if not, why. */
  readonly dovecot: true | string
  /** Every client is logged in before its first line. */
  readonly login: boolean
  /** Which front door. */
  readonly door: 'imap' | 'imaps'
  readonly steps: readonly Step[]
}

/** The transcript itself is wrong. The message names file and line. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError'

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`)
  }
}

/** What every client knows: the account it belongs to. */
export const givenNames: ReadonlySet<string> = new Set([
  'user',
  'password',
  'readOnlyPassword',
  'inboxPassword',
  'token',
])

const headers = new Set(['rfc', 'seed', 'dovecot', 'login', 'door', 'about'])
const lineForm = /^(?:(\d?)([CS])([~?]?)|(G)):(?: (.*))?$/
const directions: Readonly<Record<string, 'start-tls' | 'leave' | 'left' | 'pass'>> = {
  'C [starts TLS]': 'start-tls',
  'C [leaves]': 'leave',
  'S [leaves]': 'left',
  'S ...': 'pass',
}

/** Reads a transcript. `knows` says whether Google can do what a G line says. Throws TranscriptError. */
export function readTranscript(
  name: string,
  file: string,
  text: string,
  knows: (sentence: string) => boolean,
): Transcript {
  const lines = text.split(/\r?\n/)
  const fail = (index: number, message: string): never => {
    throw new TranscriptError(file, index + 1, message)
  }
  const header = new Map<string, string>()
  let at = 0
  for (; (lines[at] ?? '') !== ''; at++) {
    const found = /^(\w+): +(.*)$/.exec(lines[at] as string)
    if (found === null || !headers.has(found[1] as string)) fail(at, `not a header line: ${lines[at]}`)
    header.set(found?.[1] as string, found?.[2] as string)
  }
  for (const needed of ['rfc', 'dovecot']) if (!header.has(needed)) fail(0, `the header says no ${needed}`)
  const steps: Step[] = []
  const bound = new Set(givenNames)
  const expectation = (index: number, source: string): { expected: Expectation; next: number } => {
    const taken = withLiterals(lines, index, source)
    if (typeof taken === 'string') return fail(index, taken)
    for (const found of namesIn(taken.pattern)) bound.add(found)
    return { expected: { line: index + 1, source: taken.source, pattern: taken.pattern }, next: taken.next }
  }
  while (at < lines.length) {
    const source = lines[at] as string
    if (source === '' || source.startsWith('#')) {
      at++
      continue
    }
    const found = lineForm.exec(source)
    if (found === null) fail(at, `neither C:, S: nor G: ${source}`)
    const [, number, side, mark, google, said = ''] = found as RegExpExecArray
    const line = at + 1
    if (google !== undefined) {
      if (!knows(said)) fail(at, `Google cannot do this: ${said}`)
      steps.push({ kind: 'google', line, sentence: said })
      at++
      continue
    }
    const client = number === '' ? 1 : Number(number)
    const direction = mark === '' ? directions[`${side} ${said}`] : undefined
    const last = steps.at(-1)
    if (direction !== undefined) {
      steps.push({ kind: direction, line, client })
      at++
    } else if (side === 'C') {
      if (mark !== '') fail(at, 'only answers have a mark')
      for (const used of namesUsed(said)) if (!bound.has(used)) fail(at, `$${used} is not bound to anything`)
      const texts = [octetsOf(said)]
      // Lines that follow one another go out in one packet.
      if (last?.kind === 'send' && last.client === client)
        steps[steps.length - 1] = { ...last, texts: [...last.texts, ...texts] }
      else steps.push({ kind: 'send', line, client, texts })
      at++
    } else if (mark === '~') {
      const open = said === '...'
      const { expected, next } = open ? { expected: undefined, next: at + 1 } : expectation(at, said)
      const more = expected === undefined ? [] : [expected]
      if (last?.kind === 'answers' && last.client === client)
        steps[steps.length - 1] = {
          ...last,
          open: last.open || open,
          expected: [...last.expected, ...more],
        }
      else steps.push({ kind: 'answers', line, client, expected: more, open })
      at = next
    } else {
      const { expected, next } = expectation(at, said)
      steps.push({ kind: 'answer', line, client, optional: mark === '?', expected })
      at = next
    }
  }
  for (const [i, step] of steps.entries())
    if (step.kind === 'pass' && !['answer', 'left'].includes(steps[i + 1]?.kind ?? ''))
      fail(step.line - 1, 'S: ... needs an answer after it')
  const dovecot = header.get('dovecot') as string
  if (dovecot === 'yes' && steps.some((step) => step.kind === 'google' || step.kind === 'start-tls'))
    fail(0, 'Dovecot has no Google behind it, and no TLS here')
  return {
    name,
    file,
    rfc: header.get('rfc') as string,
    seed: header.get('seed') ?? 'nothing',
    dovecot: dovecot === 'yes' ? true : dovecot.replace(/^no,? */, ''),
    login: header.get('login') !== 'no',
    door: header.get('door') === 'imaps' ? 'imaps' : 'imap',
    steps,
  }
}

/**
 * An answer with its literals: after `{}` at the end of the line come the octets, each line after `| `, then the rest of
 * the answer on a line of its own. A string says what is wrong.
 */
function withLiterals(
  lines: readonly string[],
  index: number,
  said: string,
): { pattern: Pattern; source: string; next: number } | string {
  const pieces: Pattern[number][] = []
  let text = said
  let source = said
  let next = index + 1
  const prefix = (lines[index] as string).slice(0, (lines[index] as string).indexOf(':') + 1)
  for (;;) {
    const found = /(~?)\{(\d*)\}$/.exec(text)
    if (found === null) {
      // The words of a status line are free; only a whole line can be one.
      const rest = octetsOf(text)
      pieces.push(...(pieces.length === 0 ? readPattern(rest) : readTail(rest)))
      return { pattern: pieces, source, next }
    }
    pieces.push(...readPattern(octetsOf(text.slice(0, found.index))))
    let octets = ''
    const first = next
    for (; lines[next]?.startsWith('|') === true; next++) {
      const read = blockLine(lines[next] as string)
      if (read === undefined) return `there is no such message: ${lines[next]}`
      octets += read
      source += `\n${lines[next]}`
    }
    if (first === next) return 'the octets of the literal must stand below, each line after a |'
    if (found[2] !== '' && Number(found[2]) !== octets.length)
      return `the literal below has ${octets.length} octets, not ${found[2]}`
    pieces.push({ kind: 'literal', octets })
    const rest = lines[next] ?? ''
    if (!rest.startsWith(`${prefix} `) && rest !== prefix)
      return `the answer must go on with ${prefix} after the literal`
    text = rest.slice(prefix.length).replace(/^ /, '')
    // `S: )` goes on at once; `S:  FLAGS` begins with the space that the server sends.
    source += `\n${text}`
    next++
  }
}

function readTail(text: string): Pattern {
  return text === '' ? [] : readPattern(text)
}

/** `| text` is a line with its CRLF, `|\ text` one without; `|= name` is a message of the fixtures. */
function blockLine(line: string): string | undefined {
  if (line.startsWith('|= ')) return messages.get(line.slice(3))?.toString('latin1')
  if (line.startsWith('|\\')) return octetsOf(line.slice(2).replace(/^ /, ''))
  return `${octetsOf(line.slice(1).replace(/^ /, ''))}\r\n`
}

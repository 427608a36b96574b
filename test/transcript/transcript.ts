import { messages } from '#test/fixtures/messages.ts'
import { namesUsed, octetsOf } from './compose.ts'
import { isDoorName, type DoorName } from './manners.ts'
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

/** A protocol test as it was written. README.md says how to write one. */
export interface Transcript {
  readonly name: string
  readonly file: string
  readonly rfc: string
  readonly seed: string
  /** Whether Dovecot must answer in the same way; if not, why. */
  readonly dovecot: true | string
  /** Every client is logged in before its first line. */
  readonly login: boolean
  /** By which front door client 1 comes, client 2 …; those beyond the last come by the first. */
  readonly doors: readonly [DoorName, ...DoorName[]]
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

const headers = new Set(['rfc', 'seed', 'dovecot', 'login', 'door'])
const lineForm = /^(?:(\d?)([CS])([~?]?)|(G)):(?: (.*))?$/
const directions = new Map<string, 'start-tls' | 'leave' | 'left' | 'pass'>([
  ['C [starts TLS]', 'start-tls'],
  ['C [leaves]', 'leave'],
  ['S [leaves]', 'left'],
  ['S ...', 'pass'],
])

/** Reads a transcript. `knows` says whether Google can do what a G line says. Throws TranscriptError. */
export function readTranscript(
  name: string,
  file: string,
  text: string,
  knows: (sentence: string) => boolean,
): Transcript {
  const reader = new Reader(file, text.split(/\r?\n/), knows)
  const header = reader.header()
  const steps = reader.steps()
  const dovecot = header.get('dovecot') as string
  if (dovecot === 'yes' && steps.some(({ kind }) => kind === 'google' || kind === 'start-tls'))
    throw new TranscriptError(file, 1, 'Dovecot has no Google behind it, and no TLS here')
  return {
    name,
    file,
    rfc: header.get('rfc') as string,
    seed: header.get('seed') ?? 'nothing',
    dovecot: dovecot === 'yes' ? true : dovecot.replace(/^no,? */, ''),
    login: header.get('login') !== 'no',
    doors: doorsOf(header.get('door') ?? 'imap', file),
    steps,
  }
}

function doorsOf(said: string, file: string): [DoorName, ...DoorName[]] {
  const [first, ...others] = said.split(/, */)
  if (first === undefined || !isDoorName(first) || !others.every(isDoorName))
    throw new TranscriptError(file, 1, `there is no such door: ${said}`)
  return [first, ...others]
}

class Reader {
  readonly #file: string
  readonly #lines: readonly string[]
  readonly #knows: (sentence: string) => boolean
  readonly #steps: Step[] = []
  readonly #bound = new Set(givenNames)
  /** The line that comes next, from 0. */
  #at = 0

  constructor(file: string, lines: readonly string[], knows: (sentence: string) => boolean) {
    this.#file = file
    this.#lines = lines
    this.#knows = knows
  }

  /** Up to the first empty line. */
  header(): ReadonlyMap<string, string> {
    const header = new Map<string, string>()
    for (; (this.#lines[this.#at] ?? '') !== ''; this.#at++) {
      const line = this.#lines[this.#at] as string
      const [, key = '', value = ''] = /^(\w+): +(.*)$/.exec(line) ?? []
      if (!headers.has(key)) this.#fail(`not a header line: ${line}`)
      header.set(key, value)
    }
    for (const needed of ['rfc', 'dovecot'])
      if (!header.has(needed)) throw new TranscriptError(this.#file, 1, `the header says no ${needed}`)
    return header
  }

  /** All the rest. */
  steps(): readonly Step[] {
    while (this.#at < this.#lines.length) this.#step()
    for (const [i, { kind, line }] of this.#steps.entries())
      if (kind === 'pass' && !['answer', 'left'].includes(this.#steps[i + 1]?.kind ?? ''))
        throw new TranscriptError(this.#file, line, 'S: ... needs an answer after it')
    return this.#steps
  }

  #step(): void {
    const source = this.#lines[this.#at] as string
    const line = this.#at + 1
    if (source === '' || source.startsWith('#')) {
      this.#at++
      return
    }
    const found = lineForm.exec(source)
    if (found === null) return this.#fail(`neither C:, S: nor G: ${source}`)
    const [, number, side, mark = '', google, said = ''] = found
    const client = number === '' ? 1 : Number(number)
    const direction = mark === '' ? directions.get(`${side} ${said}`) : undefined
    if (google !== undefined) this.#google(line, said)
    else if (direction !== undefined) {
      this.#steps.push({ kind: direction, line, client })
      this.#at++
    } else if (side === 'S' && mark === '~') this.#answers(line, client, said)
    else if (side === 'S')
      this.#steps.push({
        kind: 'answer',
        line,
        client,
        optional: mark === '?',
        expected: this.#expectation(said),
      })
    else if (mark === '') this.#send(line, client, said)
    else this.#fail('only answers have a mark')
  }

  #google(line: number, sentence: string): void {
    if (!this.#knows(sentence)) this.#fail(`Google cannot do this: ${sentence}`)
    this.#steps.push({ kind: 'google', line, sentence })
    this.#at++
  }

  /** Lines that follow one another go out in one packet. */
  #send(line: number, client: number, said: string): void {
    for (const used of namesUsed(said))
      if (!this.#bound.has(used)) this.#fail(`$${used} is not bound to anything`)
    const last = this.#steps.at(-1)
    if (last?.kind === 'send' && last.client === client)
      this.#steps.splice(-1, 1, { ...last, texts: [...last.texts, said] })
    else this.#steps.push({ kind: 'send', line, client, texts: [said] })
    this.#at++
  }

  /** Lines that follow one another are one group. */
  #answers(line: number, client: number, said: string): void {
    const open = said === '...'
    const last = this.#steps.at(-1)
    const group =
      last?.kind === 'answers' && last.client === client
        ? last
        : ({ kind: 'answers', line, client, expected: [], open: false } as const)
    if (open) this.#at++
    const more = open ? [] : [this.#expectation(said)]
    if (group === last) this.#steps.pop()
    this.#steps.push({ ...group, open: group.open || open, expected: [...group.expected, ...more] })
  }

  #expectation(said: string): Expectation {
    const line = this.#at + 1
    const taken = withLiterals(this.#lines, this.#at, said)
    if (typeof taken === 'string') return this.#fail(taken)
    for (const name of namesIn(taken.pattern)) this.#bound.add(name)
    this.#at = taken.next
    return { line, source: taken.source, pattern: taken.pattern }
  }

  #fail(message: string): never {
    throw new TranscriptError(this.#file, this.#at + 1, message)
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

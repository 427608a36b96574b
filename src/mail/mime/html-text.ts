import { readEntities } from './html-entities.ts'

/** Longer names are not inline. */
const inlineNameLimit = 6

/** Tags inside a word; a reader sees a gap at all others. */
const inline = new Set(
  'a abbr b big cite code del em font i ins s small span strike strong sub sup tt u wbr'
    .split(' ')
    .map((name) => tagName(`<${name}>`, 0)),
)
const TAB = 0x09
const LF = 0x0a
const FF = 0x0c
const CR = 0x0d
const SP = 0x20

/** Room for a text, used again and again: new memory of this size costs as much as reading the text does. */
const room = Buffer.allocUnsafeSlow(128 * 1024)

/**
 * The words of an HTML text as a reader sees them, roughly, for search: tags and comments left out, entities read, white
 * space as one space, or two where a line ends at a space. Linear: each `<` looks for its `>` once, and when one has none,
 * none after it has.
 */
export function htmlText(html: string): string {
  if (!html.includes('&')) return new HtmlReader(html, true).withoutTags()
  return new HtmlReader(readEntities(new HtmlReader(html, false).withoutTags()), true).plain()
}

/** What was written last. */
const Gap = {
  /** No white space. */
  none: 0,
  /** A space for line ends and tabs: the spaces after them belong to it. */
  lineEnd: 1,
  spaces: 2,
} as const

/** One pass over the characters of a text, in place: what is written is never longer than what was read. */
class HtmlReader {
  readonly #html: string
  /** Whether line ends and tabs with the spaces after them, and several spaces, become one space. */
  readonly #collapses: boolean
  readonly #octets: Buffer
  readonly #characters: Uint8Array | Uint16Array
  #size = 0
  #gap: number = Gap.none

  constructor(html: string, collapses: boolean) {
    this.#html = html
    this.#collapses = collapses
    const isAscii = Buffer.byteLength(html) === html.length
    const bytes = isAscii ? html.length : 2 * html.length
    this.#octets = bytes <= room.length ? room : Buffer.allocUnsafeSlow(bytes)
    if (isAscii) this.#octets.write(html, 'latin1')
    else this.#octets.write(html, 'utf16le')
    this.#characters = isAscii ? this.#octets : new Uint16Array(this.#octets.buffer)
  }

  plain(): string {
    this.#read(0, this.#html.length)
    return this.#written()
  }

  /** A space stands for each tag that is not inline, unless there is one. */
  withoutTags(): string {
    const html = this.#html
    let from = 0
    let spaced = false
    let commentsEnd = true
    for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', from)) {
      let close = -1
      if (commentsEnd && html.startsWith('<!--', open)) {
        close = html.indexOf('-->', open + 4) + 2
        commentsEnd = close !== 1
        if (!commentsEnd) close = -1
      }
      if (close === -1) close = html.indexOf('>', open)
      if (close === -1) break
      if (open > from) {
        this.#read(from, open)
        spaced = html.charCodeAt(open - 1) === SP
      }
      if (!spaced && !inline.has(tagName(html, open))) {
        this.#space()
        spaced = true
      }
      from = close + 1
    }
    this.#read(from, html.length)
    return this.#written()
  }

  #space(): void {
    if (!this.#collapses || this.#gap === Gap.none) this.#characters[this.#size++] = SP
    this.#gap = Gap.spaces
  }

  #read(from: number, to: number): void {
    const characters = this.#characters
    if (!this.#collapses) {
      characters.copyWithin(this.#size, from, to)
      this.#size += to - from
      return
    }
    let size = this.#size
    let gap = this.#gap
    for (let at = from; at < to; at++) {
      const character = characters[at] as number
      if (character > SP) {
        characters[size++] = character
        gap = Gap.none
      } else if (character === SP) {
        if (gap === Gap.none) characters[size++] = SP
        gap = Gap.spaces
      } else if (character === LF || character === CR || character === TAB || character === FF) {
        if (gap !== Gap.lineEnd) characters[size++] = SP
        gap = Gap.lineEnd
      } else {
        characters[size++] = character
        gap = Gap.none
      }
    }
    this.#size = size
    this.#gap = gap
  }

  #written(): string {
    return this.#characters === this.#octets
      ? this.#octets.toString('latin1', 0, this.#size)
      : this.#octets.toString('utf16le', 0, 2 * this.#size)
  }
}

/** The name of the tag that opens or closes here as a number, cut after `inlineNameLimit` + 1 letters; letter case does not matter. */
function tagName(html: string, open: number): number {
  const start = html.charCodeAt(open + 1) === 0x2f ? open + 2 : open + 1
  let name = 0
  for (let at = start; at <= start + inlineNameLimit; at++) {
    const lower = html.charCodeAt(at) | 0x20
    if (lower < 0x61 || lower > 0x7a) break
    // Seven letters are less than 2^53.
    name = name * 32 + (lower & 31)
  }
  return name
}

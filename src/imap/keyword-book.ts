import type { FlagTable } from '#mail/flags.ts'

const always = [
  '\\Answered',
  '\\Flagged',
  '\\Deleted',
  '\\Seen',
  '\\Draft',
  '$Important',
  '$Forwarded',
  '$MDNSent',
]

/** More are not announced: the line would grow without bound. They still work. */
const announcedLimit = 500

/**
 * The flags and keywords that one session's client was told of. A keyword that turns up later is announced before the
 * first FETCH answer that has it. RFC 9051 section 7.3.5.
 */
export class KeywordBook {
  readonly #table: FlagTable
  readonly #mayDelete: boolean
  readonly #told = new Set<string>()
  /** Flag sets looked at so far: the table only grows. */
  #looked = 0

  /** `mayDelete`: whether \Deleted can be set. */
  constructor(table: FlagTable, mayDelete = true) {
    this.#table = table
    this.#mayDelete = mayDelete
  }

  /** FLAGS and PERMANENTFLAGS, for SELECT and EXAMINE. */
  announce(readOnly: boolean): string {
    this.#look()
    const flags = [...always, ...this.#told].join(' ')
    const kept = this.#mayDelete ? flags : flags.replace('\\Deleted ', '')
    const permanent = readOnly ? '' : `${kept} \\*`
    const text = readOnly ? 'No changes are kept' : 'Flags and keywords are kept'
    return `* FLAGS (${flags})\r\n* OK [PERMANENTFLAGS (${permanent})] ${text}\r\n`
  }

  /** The same when there are keywords that were not told yet; else nothing. */
  news(readOnly: boolean): string {
    return this.#look() ? this.announce(readOnly) : ''
  }

  /** Whether all combinations of flags were looked at. */
  get isCurrent(): boolean {
    return this.#looked === this.#table.size
  }

  #look(): boolean {
    const before = this.#told.size
    for (; this.#looked < this.#table.size; this.#looked++) {
      for (const keyword of this.#table.get(this.#looked).keywords)
        if (this.#told.size < announcedLimit) this.#told.add(keyword)
    }
    return this.#told.size > before
  }
}

import { flagBits, FlagBit } from '#mail/flags.ts'
import { readDate } from '../dates.ts'
import { readLabelOctets } from '../gmail-labels.ts'
import type { Parser } from '../parser.ts'
import type { SearchKey, TextField } from './key.ts'

/** RFC 9051 does not limit nesting; nobody nests this deep. facts/reliability.md section 2a. */
const depthLimit = 100
const keyLimit = 1000

/** entry-type-req. RFC 7162 section 7. */
const entryTypes = new Set(['PRIV', 'SHARED', 'ALL'])

const everything: SearchKey = { kind: 'constant', matches: true }
const recent: SearchKey = { kind: 'recent' }
const unseen: SearchKey = { kind: 'flag', bits: FlagBit.seen, set: false }

/** Keys that are one word. */
const words = new Map<string, SearchKey>([
  ['ALL', everything],
  ['OLD', { kind: 'not', key: recent }],
  // Every mailbox keeps them. RFC 8514 section 4.3.
  ['SAVEDATESUPPORTED', everything],
  ['RECENT', recent],
  ['NEW', { kind: 'and', keys: [recent, unseen] }],
  ['ANSWERED', { kind: 'flag', bits: FlagBit.answered, set: true }],
  ['DELETED', { kind: 'flag', bits: FlagBit.deleted, set: true }],
  ['DRAFT', { kind: 'flag', bits: FlagBit.draft | FlagBit.draftMark, set: true }],
  ['FLAGGED', { kind: 'flag', bits: FlagBit.flagged, set: true }],
  ['SEEN', { kind: 'flag', bits: FlagBit.seen, set: true }],
  ['UNANSWERED', { kind: 'flag', bits: FlagBit.answered, set: false }],
  ['UNDELETED', { kind: 'flag', bits: FlagBit.deleted, set: false }],
  ['UNDRAFT', { kind: 'flag', bits: FlagBit.draft | FlagBit.draftMark, set: false }],
  ['UNFLAGGED', { kind: 'flag', bits: FlagBit.flagged, set: false }],
  ['UNSEEN', unseen],
])

const fields = new Map<string, TextField>([
  ['FROM', 'from'],
  ['TO', 'to'],
  ['CC', 'cc'],
  ['BCC', 'bcc'],
  ['SUBJECT', 'subject'],
])

/** Reads search keys; nesting and number are limited. Throws ProtocolError. */
export class KeyReader {
  readonly #parser: Parser
  readonly #decode: (octets: Buffer) => string
  #count = 0

  constructor(parser: Parser, decode: (octets: Buffer) => string) {
    this.#parser = parser
    this.#decode = decode
  }

  /** search-key *(SP search-key): all of them must match. */
  program(): SearchKey {
    const keys = [this.#key()]
    while (this.#parser.optionalSpace() && this.#parser.rest > 0) keys.push(this.#key())
    return { kind: 'and', keys }
  }

  #key(): SearchKey {
    if (++this.#count > keyLimit) this.#parser.fail(`More than ${keyLimit} search keys`)
    return this.#parser.nested(() => this.#oneKey(), depthLimit)
  }

  #oneKey(): SearchKey {
    const parser = this.#parser
    if (parser.skip('(')) return this.#parenthesised()
    const next = parser.peek()
    // A digit, * or $.
    if ((next >= 0x30 && next <= 0x39) || next === 0x2a || next === 0x24)
      return { kind: 'numbers', of: 'seq', set: parser.numberSet() }
    const word = parser.keyword('A search key')
    const simple = words.get(word)
    if (simple !== undefined) return simple
    parser.space()
    const field = fields.get(word)
    if (field !== undefined) return this.#fieldKey(field)
    return this.#withArgument(word)
  }

  /** An empty string means, as for HEADER, that there is such a field; Dovecot reads it so too. */
  #fieldKey(field: TextField): SearchKey {
    const text = this.#string()
    return text === '' ? { kind: 'header', name: field, text } : { kind: 'field', field, text }
  }

  #parenthesised(): SearchKey {
    const parser = this.#parser
    const keys = [this.#key()]
    while (parser.optionalSpace()) keys.push(this.#key())
    parser.expect(')')
    return { kind: 'and', keys }
  }

  #withArgument(word: string): SearchKey {
    const parser = this.#parser
    switch (word) {
      case 'NOT':
        return { kind: 'not', key: this.#key() }
      case 'OR': {
        const first = this.#key()
        parser.space()
        return { kind: 'or', keys: [first, this.#key()] }
      }
      case 'UID':
        return { kind: 'numbers', of: 'uid', set: parser.numberSet() }
      case 'KEYWORD':
      case 'UNKEYWORD':
        return keywordKey(parser.flag(), word === 'KEYWORD')
      case 'HEADER': {
        const name = parser.astring('A header field name').toString('latin1')
        parser.space()
        return { kind: 'header', name, text: this.#string() }
      }
      case 'BODY':
        return { kind: 'body', text: this.#string() }
      case 'TEXT':
        return { kind: 'text', text: this.#string() }
      case 'LARGER':
      case 'SMALLER': {
        const octets = parser.number('A size', Number.MAX_SAFE_INTEGER)
        return { kind: 'size', larger: word === 'LARGER', octets }
      }
      case 'OLDER':
      case 'YOUNGER':
        return { kind: 'age', older: word === 'OLDER', seconds: parser.nzNumber('A number of seconds') }
      case 'MODSEQ':
        return { kind: 'modseq', least: this.#modSeq() }
      default:
        return this.#dateKey(word) ?? this.#identityKey(word) ?? parser.fail('This search key is not known')
    }
  }

  #string(): string {
    return this.#decode(this.#parser.astring('A search string'))
  }

  /** "Disregarding time and timezone": INTERNALDATE counts in UTC, Date as it is written. RFC 9051 section 6.4.4. */
  #dateKey(word: string): SearchKey | undefined {
    const parser = this.#parser
    const kind = word.startsWith('SAVED') ? 'save-date' : 'internal-date'
    switch (word) {
      case 'BEFORE':
      case 'SAVEDBEFORE':
        return { kind, fromMs: -Infinity, beforeMs: readDate(parser).startMs }
      case 'ON':
      case 'SAVEDON': {
        const { startMs, endMs } = readDate(parser)
        return { kind, fromMs: startMs, beforeMs: endMs }
      }
      case 'SINCE':
      case 'SAVEDSINCE':
        return { kind, fromMs: readDate(parser).startMs, beforeMs: Infinity }
      case 'SENTBEFORE':
        return { kind: 'sent-day', from: -Infinity, to: readDate(parser).number - 1 }
      case 'SENTON': {
        const { number } = readDate(parser)
        return { kind: 'sent-day', from: number, to: number }
      }
      case 'SENTSINCE':
        return { kind: 'sent-day', from: readDate(parser).number, to: Infinity }
      default:
        return undefined
    }
  }

  #identityKey(word: string): SearchKey | undefined {
    const parser = this.#parser
    switch (word) {
      case 'EMAILID':
        return { kind: 'identity', of: 'message', id: parser.atom('An object id').toLowerCase() }
      case 'THREADID':
        return { kind: 'identity', of: 'thread', id: parser.atom('An object id').toLowerCase() }
      case 'X-GM-MSGID':
        return { kind: 'identity', of: 'message', id: hexadecimal(parser) }
      case 'X-GM-THRID':
        return { kind: 'identity', of: 'thread', id: hexadecimal(parser) }
      case 'X-GM-LABELS':
        return { kind: 'label', octets: readLabelOctets(parser) }
      case 'X-GM-RAW':
        return { kind: 'gmail', query: this.#string() }
      default:
        return undefined
    }
  }

  /** "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer; all flags share one here. RFC 7162 section 3.1.5. */
  #modSeq(): number {
    const parser = this.#parser
    if (parser.at('"')) {
      parser.string()
      parser.space()
      if (!entryTypes.has(parser.keyword('An entry type'))) parser.fail('An entry is of priv, shared or all')
      parser.space()
    }
    return parser.modSeq()
  }
}

/** $Forwarded and its kin are bits here; so are flags, should a client ask for them this way. */
function keywordKey(name: string, set: boolean): SearchKey {
  const bits = flagBits(name)
  return bits === undefined ? { kind: 'keyword', name: name.toLowerCase(), set } : { kind: 'flag', bits, set }
}

/** Gmail's decimal id as it is here. */
function hexadecimal(parser: Parser): string {
  const digits = parser.atom('A message id of Gmail')
  if (!/^\d{1,20}$/.test(digits)) parser.fail('A message id of Gmail must be a number')
  return BigInt(digits).toString(16)
}

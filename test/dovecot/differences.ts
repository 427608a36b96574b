/** Where we say something else than Dovecot on purpose, each with the sentence that decides. */
export interface Difference {
  readonly fixture: string
  /** FETCH items that differ, all of them. */
  readonly items: readonly string[]
  readonly why: string
}

const lineBreakOfTheBoundary =
  'RFC 2046 section 5.1.1: "The CRLF preceding the boundary delimiter line is conceptually attached to the boundary". ' +
  'Dovecot leaves it in a nested multipart.'
const textOfWhatIsNoMultipart =
  'RFC 2046 section 5.1: "the body must then contain one or more body parts". What has none is no multipart: shown as ' +
  'one text part its words can be read; Dovecot shows an empty part.'

/** `BODY[1]`, `BODY[1.1]`, … */
function nested(from: number, to: number): string[] {
  return Array.from(
    { length: to - from + 1 },
    (_, index) => `BODY[${'1.'.repeat(from + index).slice(0, -1)}]`,
  )
}

export const differences: readonly Difference[] = [
  { fixture: 'boundary-is-prefix', items: ['BODY[1]'], why: lineBreakOfTheBoundary },
  { fixture: 'nested-same-boundary', items: ['BODY[1]'], why: lineBreakOfTheBoundary },
  { fixture: 'ten-levels-deep', items: nested(1, 9), why: lineBreakOfTheBoundary },
  {
    fixture: 'rfc822-in-rfc822',
    items: ['BODYSTRUCTURE', 'BODY', 'BODY[2]', 'BODY[2.TEXT]'],
    why: lineBreakOfTheBoundary,
  },
  {
    fixture: 'broken-boundary',
    items: ['BODYSTRUCTURE', 'BODY', 'BODY[1]', 'BODY[1.MIME]'],
    why: textOfWhatIsNoMultipart,
  },
  {
    fixture: 'empty-multipart',
    items: ['BODYSTRUCTURE', 'BODY', 'BODY[1]', 'BODY[1.MIME]'],
    why: textOfWhatIsNoMultipart,
  },
  {
    fixture: 'no-boundary-parameter',
    items: ['BODYSTRUCTURE', 'BODY', 'BODY[1]', 'BODY[1.MIME]'],
    why: textOfWhatIsNoMultipart,
  },
  {
    fixture: 'duplicate-headers',
    items: ['ENVELOPE'],
    why: 'RFC 5322 section 3.6: Subject occurs at most once. Which of two counts nobody says: we take the first, as people see it in the header.',
  },
  {
    fixture: 'empty-parts',
    items: ['BODY[2.MIME]'],
    why: 'RFC 9051 section 6.4.5: "The subset returned by … MIME … includes the blank line"; the empty line is the header\'s, though its CRLF is also the delimiter\'s.',
  },
  {
    fixture: 'encoded-words-split',
    items: ['ENVELOPE'],
    why: 'RFC 5322 section 2.2.3: "Unfolding is accomplished by simply removing any CRLF that is immediately followed by WSP". Dovecot also makes blanks one.',
  },
  {
    fixture: 'tab-folded',
    items: ['ENVELOPE'],
    why: 'RFC 5322 section 2.2.3, as above: tabs stay tabs.',
  },
  {
    fixture: 'parameters-untidy',
    items: ['BODYSTRUCTURE', 'BODY'],
    why:
      'RFC 2045 section 5.2: a Content-Type with a syntax error is text/plain, Dovecot says "text" "". And an unquoted ' +
      'file name with a blank, not lawful but common, is not cut at the blank.',
  },
  {
    fixture: 'rfc2231-filename',
    items: ['BODYSTRUCTURE'],
    why: 'RFC 2231 section 4.1: a segment without asterisk is not percent-encoded; in one value with encoded ones it must be, or its % and blanks would be misread.',
  },
  {
    fixture: 'rfc822-base64',
    items: ['BODYSTRUCTURE', 'BODY', 'BODY[1]'],
    why:
      'RFC 2046 section 5.2.1: "No encoding other than 7bit, 8bit, or binary is permitted for the body of a message/rfc822 ' +
      'entity". Dovecot reads the base64 text as a message, whose envelope is then empty.',
  },
]

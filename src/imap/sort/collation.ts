// oxlint-disable-next-line no-control-regex
const ascii = /^[\x00-\x7f]*$/

/**
 * A string whose order by `<` is the order of `i;unicode-casemap`: each character in title case, decomposed, compared by
 * the octets of UTF-8. RFC 5051 section 2; it is what RFC 5256 section 2 sorts by.
 */
export function collationKey(text: string): string {
  if (ascii.test(text)) return text.toUpperCase()
  // Decomposed first, so that é is E and its accent however it was written.
  const cased = Array.from(text.toWellFormed().normalize('NFKD'), inUpperCase).join('')
  return Buffer.from(cased.normalize('NFKD'), 'utf8').toString('latin1')
}

/** Only simple mappings: a character stays one character, so ß stays ß. */
function inUpperCase(character: string): string {
  const upper = character.toUpperCase()
  return upper.length === character.length ? upper : character
}

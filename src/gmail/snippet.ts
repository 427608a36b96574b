const named = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
])

/** A snippet as plain text: Gmail escapes it for HTML (fact sheet section 2.3). Unknown entities stay as they are. */
export function unescapeSnippet(snippet: string): string {
  return snippet.replace(
    /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (whole, decimal, hex, name) => {
      if (typeof name === 'string') return named.get(name) ?? whole
      const code = typeof decimal === 'string' ? Number(decimal) : Number(`0x${hex as string}`)
      const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      return isCharacter ? String.fromCodePoint(code) : whole
    },
  )
}

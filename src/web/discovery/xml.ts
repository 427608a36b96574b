const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])

/** XML whose values are escaped; characters that XML forbids become U+FFFD. Arrays hold finished XML. */
export function xml(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string {
  let text = strings[0] as string
  for (const [index, value] of values.entries())
    text +=
      (typeof value === 'object' ? value.join('') : escaped(String(value))) + (strings[index + 1] as string)
  return text
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities.get(character) as string)
}

import type { SearchHint } from '#mail/mailstore.ts'

/** Longer queries are cut: fewer words find more, and what is found is checked here anyway. */
const textLimit = 500
const numberPattern = /^[0-9]{1,15}$/

/**
 * Gmail's query for these hints, all of which must match; undefined when nothing is left that Gmail could search for.
 * Text of others stays text: it is quoted, and operators, braces and signs inside quotes mean nothing. Fact sheet
 * section 4, reliability sheet section 2b (query injection).
 */
export function gmailQuery(hints: readonly SearchHint[]): string | undefined {
  const parts = hints.flatMap((hint) => part(hint) ?? [])
  return parts.length === 0 ? undefined : parts.join(' ')
}

function part({ field, value }: SearchHint): string | undefined {
  switch (field) {
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'subject': {
      const words = phrase(value)
      return words === undefined ? undefined : `${field}:${words}`
    }
    case 'text':
      return phrase(value)
    // Whether the ends are included is not documented: a second more on each side, checked here afterwards.
    case 'since':
      return number(value, (ms) => `after:${Math.max(0, Math.floor(ms / 1000) - 1)}`)
    case 'before':
      return number(value, (ms) => `before:${Math.ceil(ms / 1000) + 1}`)
    // Gmail compares its own idea of the size.
    case 'larger':
      return number(value, (size) => `larger:${Math.max(0, size - 1)}`)
    case 'smaller':
      return number(value, (size) => `smaller:${size + 1}`)
    case 'gmail': {
      const own = clean(value)
      return own === '' ? undefined : `(${own})`
    }
  }
}

/** In quotes, without the two characters that mean something there. Undefined when no letter or digit is left. */
function phrase(text: string): string | undefined {
  const words = clean(text.replaceAll(/["\\]/g, ' '))
  return /[\p{L}\p{N}]/u.test(words) ? `"${words}"` : undefined
}

function clean(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, textLimit)
    .trim()
}

function number(value: string, write: (number: number) => string): string | undefined {
  return numberPattern.test(value) ? write(Number(value)) : undefined
}

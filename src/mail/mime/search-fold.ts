/**
 * What lower case alone does not bring together: characters whose capitals are the capitals of others (`ß` SS, `ſ` S,
 * `ς` Σ, `µ` Μ, `ﬁ` FI, Greek with iota subscript, …), in lower case. The test checks all of Unicode against it.
 */
const unlike =
  /i\u0307|\u0345|[\u00b5ßŉſı\u01f0\u0390\u03b0ς\u03d0-\u03d6\u03f0\u03f1\u03f5\u0587\u1c80-\u1c8a\u1e96-\u1e9f\u1f50-\u1fff\ufb00-\ufb17]/g
const combining = /[\u0300-\u036f]/

/**
 * A form in which two texts are compared as substrings without regard to letter case; use it on both sides. It is
 * Unicode's full case folding, on canonical composition (NFC): `Straße` is `STRASSE`, both small sigmas are one, `e`
 * with a combining acute is `é`. Turkish `İ` and `ı` both become `i`, since the language is not known. Accents count.
 * RFC 9051 section 6.4.4 asks for case-insensitive matching and leaves the rest to the server.
 */
export function foldForSearch(text: string): string {
  // Seventy times faster than a regular expression.
  if (Buffer.byteLength(text) === text.length) return text.toLowerCase()
  const lower = text.normalize('NFC').toLowerCase()
  const folded = lower.search(unlike) === -1 ? lower : lower.replaceAll(unlike, foldOne)
  // A capital without a composed form may have a small letter with one: J with caron.
  return folded === lower && !combining.test(lower) ? lower : folded.normalize('NFC')
}

function foldOne(found: string): string {
  if (found === 'ς') return 'σ'
  return found === 'i\u0307' ? 'i' : found.toUpperCase().toLowerCase()
}

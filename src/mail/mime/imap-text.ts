const quotable = /^[\t\x20-\x7e]*$/
const special = /["\\]/

/**
 * An IMAP string: quoted when it is printable ASCII, else a literal (RFC 9051 section 4.3). `text` and the answer have
 * one character per octet. NUL, which no string may hold, becomes 0x80 as in Dovecot.
 */
export function imapString(text: string): string {
  if (quotable.test(text))
    return special.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`
  return `{${text.length}}\r\n${text.replaceAll('\0', '\x80')}`
}

/** NIL when undefined. */
export function imapNstring(text: string | undefined): string {
  return text === undefined ? 'NIL' : imapString(text)
}

/** What is logged and counted by its name; everything else that a client says is not. */
const names = new Set([
  'HELO',
  'EHLO',
  'AUTH',
  'STARTTLS',
  'MAIL',
  'RCPT',
  'DATA',
  'RSET',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'QUIT',
])

/** The name of a command line in capitals; undefined for what is no command of ours. */
export function commandName(line: Buffer): string | undefined {
  const word = line.toString('latin1', 0, 9).split(' ', 1)[0]?.trim().toUpperCase() ?? ''
  return names.has(word) ? word : undefined
}

/** The first digit of a reply says how the command ended. RFC 5321 section 4.2.1. */
export function resultOf(code: number): string {
  return `${Math.floor(code / 100)}xx`
}

import type { Said } from './trouble-book.ts'

const report = 'The log tells more; “postern logs bundle” makes a file for a report that names nobody.'

const unreachable: Said = {
  text: 'Gmail could not be reached.',
  advice: 'Postern tries again by itself. If it goes on, check the network of this computer.',
}
const disk: Said = {
  text: 'The data folder could not be written.',
  advice: 'Free space on its disk, and check that Postern may write to it.',
}
const crowded: Said = {
  text: 'A mail program was turned away: too many are connected.',
  advice: 'Close some, or raise POSTERN_MAX_CONNECTIONS and its neighbours.',
}
const fault: Said = { text: 'Something went wrong inside Postern.', advice: report }

/** By the kind, code or name of the error that a line of the log carries. */
const byError: ReadonlyMap<string, Said> = new Map([
  ['unavailable', unreachable],
  ['ECONNREFUSED', unreachable],
  ['ECONNRESET', unreachable],
  ['ENOTFOUND', unreachable],
  ['ETIMEDOUT', unreachable],
  [
    'throttled',
    {
      text: 'Gmail asked Postern to slow down.',
      advice:
        'Postern does, and goes on. If other programs use the same Google project, they share its quota: POSTERN_QUOTA_PER_MINUTE makes Postern ask for less.',
    },
  ],
  [
    'forbidden',
    {
      text: 'Gmail refused something that Postern asked for.',
      advice:
        'Change the access of the mailbox if it is too small. Otherwise see that the Gmail API is enabled in the Google Cloud project, and ask the administrator of the organisation.',
    },
  ],
  [
    'grant-ended',
    {
      text: 'Google ended the access to this mailbox.',
      advice: 'Press “Connect again” beside the mailbox, if it is still there.',
    },
  ],
  ['invalid', { text: 'Gmail did not understand a request of Postern’s.', advice: report }],
  ['storage', disk],
  ['disk', disk],
  [
    'unreachable',
    {
      text: 'The database could not be reached.',
      advice: 'Postern tries again by itself. If it goes on, look at the database server and its log.',
    },
  ],
  ['ENOSPC', disk],
  ['EROFS', disk],
  ['EACCES', disk],
  [
    'damaged',
    { text: 'The store is damaged.', advice: 'Run “postern store check”: it says what can be mended.' },
  ],
])

/** By the words of the log, where they say more than the error does. */
export const byMessage: ReadonlyMap<string, Said> = new Map([
  ['no room for one more connection', crowded],
  [
    'another protocol on the IMAP port, cut off',
    {
      text: 'A program spoke another protocol on the IMAP port.',
      advice: 'Look at its port and encryption: TLS and STARTTLS have ports of their own.',
    },
  ],
  [
    'another protocol on the POP3 port, cut off',
    {
      text: 'A program spoke another protocol on the POP3 port.',
      advice: 'Look at its port and encryption: TLS and STARTTLS have ports of their own.',
    },
  ],
  [
    'the changed certificate cannot be used, the last one is kept',
    {
      text: 'The changed certificate cannot be used; the last one is kept.',
      advice: 'See that POSTERN_TLS_CERT and POSTERN_TLS_KEY belong together and can be read.',
    },
  ],
  [
    'The message cache cannot use its folder and goes on in memory',
    {
      text: 'The message cache cannot use its folder and goes on in memory.',
      advice: 'Free space on the disk of the data folder, and check that Postern may write to it.',
    },
  ],
  [
    'the changed file cannot be used; what was read before stays',
    {
      text: 'The accounts file has a fault; what was read before stays.',
      advice: 'The log names the line. Postern reads the file again when it changes.',
    },
  ],
  [
    'messages were being sent when Postern ended: not known whether',
    {
      text: 'Postern ended while messages were being sent.',
      advice: 'Look into Sent before you send them again: Gmail is asked what became of them.',
    },
  ],
  [
    'a wrong admin password',
    {
      text: 'Somebody typed a wrong admin password for these pages.',
      advice: 'If it was nobody you know, see who can reach the pages.',
    },
  ],
])

const wrongPassword: Said = {
  text: 'A mail program was refused: user name or password is wrong.',
  advice:
    'The user name is the whole address, the password one that was made here, never the Google password.',
}

/** By `refused` of a login. */
const byRefusal: ReadonlyMap<string, Said> = new Map([
  ['credentials', wrongPassword],
  [
    'door',
    {
      text: 'A mail program was refused: its password does not open this protocol.',
      advice: 'Make a password that opens IMAP, POP3 or SMTP as the program needs.',
    },
  ],
  [
    'expired',
    { text: 'A mail program was refused: its password has expired.', advice: 'Make a new one for it.' },
  ],
  [
    'access',
    {
      text: 'A mail program was refused: the access given to this mailbox has no use for it.',
      advice: 'Press “Change access” beside the mailbox to give more, or end the program.',
    },
  ],
  [
    'source',
    {
      text: 'A mail program was refused: its password is not good from where it is.',
      advice: 'If it was yours, make a password for it that is good from there; else revoke this one.',
    },
  ],
  ['crowded', crowded],
])

function refusedLogin(fields: {
  refused?: unknown
  reason?: unknown
  door?: unknown
  remoteAddress?: unknown
}): Said | undefined {
  const { refused, reason, door, remoteAddress } = fields
  const said = byRefusal.get(String(reason)) ?? byRefusal.get(String(refused))
  if (said === undefined || typeof door !== 'string' || typeof remoteAddress !== 'string') return said
  return { ...said, detail: `${door.toUpperCase()} from ${remoteAddress}` }
}

/** What a line of the log is to a person; undefined for what none need know. The words are ours alone. */
export function troubleOf(
  level: 'info' | 'warn' | 'error',
  fields: object,
  message: string,
): Said | undefined {
  if (level === 'info') return message === 'login refused' ? refusedLogin(fields) : undefined
  const { err } = fields as { err?: { kind?: unknown; code?: unknown } }
  const kinds = [err?.code, err?.kind].filter((one) => typeof one === 'string')
  const known =
    byMessage.get(message) ?? kinds.map((one) => byError.get(one)).find((one) => one !== undefined)
  return known ?? (level === 'error' ? fault : undefined)
}

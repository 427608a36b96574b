/** A front door, as the header of a transcript names it. */
export type DoorName = 'imap' | 'imaps' | 'pop3s' | 'smtps'

/** What a client says and which answer it waits for; before that come only lines that `skipped` matches. */
interface Exchange {
  readonly says?: string
  readonly answered: RegExp
  readonly skipped?: RegExp
}

/** How a client comes in by a door and leaves. */
export interface Manners {
  /** TLS begins at once. */
  readonly secure: boolean
  /** Answers may hold literals. */
  readonly hasLiterals: boolean
  /** The first waits for the greeting. */
  readonly login: (user: string, password: string) => readonly Exchange[]
  readonly goodbye: { readonly says: string; readonly answered: string }
}

const imap: Omit<Manners, 'secure'> = {
  hasLiterals: true,
  login: (user, password) => [
    { answered: /^\* OK/ },
    { says: `login LOGIN "${user}" "${password}"`, answered: /^login OK/, skipped: /^\* CAPABILITY / },
  ],
  goodbye: { says: 'end LOGOUT', answered: '* BYE' },
}

const pop3: Omit<Manners, 'secure'> = {
  hasLiterals: false,
  login: (user, password) => [
    { answered: /^\+OK/ },
    { says: `USER ${user}`, answered: /^\+OK/ },
    { says: `PASS ${password}`, answered: /^\+OK/ },
  ],
  goodbye: { says: 'QUIT', answered: '+OK' },
}

const smtp: Omit<Manners, 'secure'> = {
  hasLiterals: false,
  login: (user, password) => [
    { answered: /^220 / },
    { says: 'EHLO localhost', answered: /^250 /, skipped: /^250-/ },
    {
      says: `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`,
      answered: /^235 /,
    },
  ],
  goodbye: { says: 'QUIT', answered: '221' },
}

export const manners: Readonly<Record<DoorName, Manners>> = {
  imap: { secure: false, ...imap },
  imaps: { secure: true, ...imap },
  pop3s: { secure: true, ...pop3 },
  smtps: { secure: true, ...smtp },
}

export function isDoorName(name: string): name is DoorName {
  return Object.hasOwn(manners, name)
}

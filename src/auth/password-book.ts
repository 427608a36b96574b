import type { Door } from '#mail/doorman.ts'
import type { Clock, RandomBytes } from '#mail/surroundings.ts'
import { StoreError } from '#store/store.ts'
import type { AccountRow, ClientPasswordRow, Store } from '#store/store.ts'
import { doors as allDoors, hashClientPassword, isCapability, makeClientPassword } from './client-password.ts'
import { isSameMailbox } from './same-mailbox.ts'
import { isSource, mostSources } from './sources.ts'

const longestName = 60
const passwordsPerAccount = 200
const mostHidden = 100

/** A client password without its secret. */
export type PasswordEntry = Omit<ClientPasswordRow, 'hash'>

/** What was asked for is not possible; the message may be shown. */
export class PasswordError extends Error {
  override readonly name = 'PasswordError'
  /** Which part of the wish it is about, where it is about one. */
  readonly about: keyof PasswordWish | undefined

  constructor(message: string, about?: keyof PasswordWish) {
    super(message)
    this.about = about
  }
}

/** What a new password is to permit; what is left out is not limited. */
export interface PasswordWish {
  readonly name?: string | undefined
  readonly doors?: readonly Door[] | undefined
  readonly readOnly?: boolean | undefined
  /** Nothing may vanish: no EXPUNGE, nothing into Trash or Spam, no DELE. */
  readonly noDelete?: boolean | undefined
  readonly mailboxes?: readonly string[] | undefined
  /** Addresses and networks that it is good from: `192.0.2.7`, `2001:db8::/32`. */
  readonly sources?: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined
  /** IMAP capabilities that its client trips over. */
  readonly hiddenCapabilities?: readonly string[] | undefined
}

/** Making, listing and revoking client passwords, by an account's address. Methods throw PasswordError and StoreError. */
export interface PasswordBook {
  /** The password is told here and never again. Without a name it is called `mail client`, `mail client 2`, … */
  make(address: string, wish?: PasswordWish): Promise<{ readonly name: string; readonly password: string }>
  list(address: string): Promise<readonly PasswordEntry[]>
  /** False when there is none of this name. */
  revoke(address: string, name: string): Promise<boolean>
}

export function createPasswordBook(options: {
  store: Pick<Store, 'accounts' | 'clientPasswords' | 'addClientPassword' | 'removeClientPassword'>
  clock: Clock
  randomBytes: RandomBytes
  /** A password was revoked just now; `address` is the account's own spelling. Must not throw. */
  onRevoked?: ((address: string, name: string) => void) | undefined
}): PasswordBook {
  const { store, clock, randomBytes, onRevoked } = options

  async function accountOf(address: string): Promise<AccountRow> {
    const row = (await store.accounts()).find((one) => isSameMailbox(one.address, address))
    if (row === undefined) throw new PasswordError('There is no account of this address. Connect it first')
    return row
  }

  return {
    async make(address, wish = {}) {
      const { name, doors, readOnly, noDelete, mailboxes, expiresAt } = wish
      const { sources = [], hiddenCapabilities = [] } = wish
      const { id } = await accountOf(address)
      const taken = (await store.clientPasswords(id)).map((row) => row.name)
      if (taken.length >= passwordsPerAccount)
        throw new PasswordError(`This account has ${passwordsPerAccount} passwords. Revoke some first`)
      const checked = name === undefined || name.trim() === '' ? freeName(taken) : checkedName(name)
      if (expiresAt !== undefined && expiresAt <= clock.now())
        throw new PasswordError('The end of the password lies in the past', 'expiresAt')
      if (doors?.length === 0)
        throw new PasswordError('A password must open at least one of imap, pop3 and smtp', 'doors')
      if (hiddenCapabilities.length > mostHidden || !hiddenCapabilities.every(isCapability))
        throw new PasswordError(
          'What is to be hidden must be names of IMAP capabilities, such as X-GM-EXT-1',
          'hiddenCapabilities',
        )
      if (sources.length > mostSources || !sources.every(isSource))
        throw new PasswordError(
          `Where the password is good from must be at most ${mostSources} addresses or networks, such as 192.0.2.7 or 2001:db8::/32`,
          'sources',
        )
      const password = makeClientPassword(randomBytes)
      try {
        await store.addClientPassword(id, {
          name: checked,
          hash: hashClientPassword(password, randomBytes),
          doors: doors ?? allDoors,
          readOnly: readOnly ?? false,
          mailboxes,
          ...(noDelete === true ? { noDelete } : {}),
          ...(sources.length === 0 ? {} : { sources: sources.map((one) => one.trim()) }),
          ...(hiddenCapabilities.length === 0
            ? {}
            : { hiddenCapabilities: hiddenCapabilities.map((word) => word.toUpperCase()) }),
          createdAt: clock.now(),
          expiresAt,
          usedAt: undefined,
          usedFrom: undefined,
        })
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'duplicate')
          throw new PasswordError(
            'There is a password of this name already. Choose another name, or revoke it',
            'name',
          )
        throw error
      }
      return { name: checked, password }
    },

    async list(address) {
      const { id } = await accountOf(address)
      return (await store.clientPasswords(id)).map(({ hash: _hash, ...entry }) => entry)
    },

    async revoke(address, name) {
      const { id, address: own } = await accountOf(address)
      const revoked = await store.removeClientPassword(id, name)
      if (revoked) onRevoked?.(own, name)
      return revoked
    },
  }
}

function freeName(taken: readonly string[]): string {
  const base = 'mail client'
  if (!taken.includes(base)) return base
  let number = 2
  while (taken.includes(`${base} ${number}`)) number += 1
  return `${base} ${number}`
}

function checkedName(name: string): string {
  const trimmed = name.trim()
  if (trimmed.length > longestName || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed))
    throw new PasswordError(
      `A password's name has at most ${longestName} characters and no control characters`,
      'name',
    )
  return trimmed
}

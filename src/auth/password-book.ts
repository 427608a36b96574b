import type { Door } from '#mail/doorman.ts'
import type { Clock, RandomBytes } from '#mail/surroundings.ts'
import { StoreError } from '#store/store.ts'
import type { AccountRow, ClientPasswordRow, Store } from '#store/store.ts'
import { doors as allDoors, hashClientPassword, isCapability, makeClientPassword } from './client-password.ts'
import { isSameMailbox } from './same-mailbox.ts'

const longestName = 60
const passwordsPerAccount = 200
const mostHidden = 100

/** A client password without its secret. */
export type PasswordEntry = Omit<ClientPasswordRow, 'hash'>

/** What was asked for is not possible; the message may be shown. */
export class PasswordError extends Error {
  override readonly name = 'PasswordError'
}

/** Making, listing and revoking client passwords, by an account's address. Methods throw PasswordError and StoreError. */
export interface PasswordBook {
  /** The password is told here and never again. Without a name it is called `mail client`, `mail client 2`, … */
  make(
    address: string,
    options?: {
      name?: string | undefined
      doors?: readonly Door[] | undefined
      readOnly?: boolean | undefined
      mailboxes?: readonly string[] | undefined
      /** Epoch milliseconds. */
      expiresAt?: number | undefined
      /** IMAP capabilities that its client trips over. */
      hiddenCapabilities?: readonly string[] | undefined
    },
  ): Promise<{ readonly name: string; readonly password: string }>
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
    async make(address, { name, doors, readOnly, mailboxes, expiresAt, hiddenCapabilities = [] } = {}) {
      const { id } = await accountOf(address)
      const taken = (await store.clientPasswords(id)).map((row) => row.name)
      if (taken.length >= passwordsPerAccount)
        throw new PasswordError(`This account has ${passwordsPerAccount} passwords. Revoke some first`)
      const checked = name === undefined || name.trim() === '' ? freeName(taken) : checkedName(name)
      if (expiresAt !== undefined && expiresAt <= clock.now())
        throw new PasswordError('The end of the password lies in the past')
      if (doors?.length === 0)
        throw new PasswordError('A password must open at least one of imap, pop3 and smtp')
      if (hiddenCapabilities.length > mostHidden || !hiddenCapabilities.every(isCapability))
        throw new PasswordError('What is to be hidden must be names of IMAP capabilities, such as X-GM-EXT-1')
      const password = makeClientPassword(randomBytes)
      try {
        await store.addClientPassword(id, {
          name: checked,
          hash: hashClientPassword(password, randomBytes),
          doors: doors ?? allDoors,
          readOnly: readOnly ?? false,
          mailboxes,
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
    )
  return trimmed
}

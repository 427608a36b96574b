import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Door } from '#mail/doorman.ts'
import type { AccountId } from '#mail/ids.ts'

/** What a client password permits, wherever it is kept. */
export interface PasswordRights {
  readonly name: string
  readonly doors: readonly Door[]
  readonly readOnly: boolean
  readonly mailboxes: readonly string[] | undefined
  readonly hiddenCapabilities?: readonly string[] | undefined
  /** Nothing may vanish. */
  readonly noDelete?: boolean | undefined
  /** Addresses and networks that it is good from; undefined for all. See sources.ts. */
  readonly sources?: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined
}

interface Chosen extends PasswordRights {
  readonly digest: Buffer
}

/**
 * Passwords that the operator chose in the accounts file. They may be weak, so no hash of them is ever written: they live
 * in memory, under a key of this process, and are as secret there as the file is. That makes a slow hash needless and
 * every login equally quick. An owner is an account, or a domain whose every mailbox they open.
 */
export class ChosenPasswords<Owner = AccountId> {
  readonly #key = randomBytes(32)
  readonly #onGone: (owner: Owner, name: string) => void
  #byOwner: ReadonlyMap<Owner, readonly Chosen[]> = new Map()

  /** `onGone` hears of each password that left the file, or is another one or has other rights by now. */
  constructor(onGone: (owner: Owner, name: string) => void = () => {}) {
    this.#onGone = onGone
  }

  /** Takes the place of all that were there: a password that left the file is no longer good. */
  replace(owners: ReadonlyMap<Owner, readonly (PasswordRights & { readonly password: string })[]>): void {
    const before = this.#byOwner
    this.#byOwner = new Map(
      [...owners].map(([owner, passwords]) => [
        owner,
        passwords.map(({ password, ...rights }) => ({ ...rights, digest: this.#digest(password) })),
      ]),
    )
    for (const [owner, passwords] of before) {
      const now = new Set(this.#byOwner.get(owner)?.map(identity))
      for (const one of passwords) if (!now.has(identity(one))) this.#onGone(owner, one.name)
    }
  }

  /** Looks at every password of the owner, right or wrong, so that the time tells nothing. */
  find(owner: Owner | undefined, password: string): PasswordRights | undefined {
    const given = this.#digest(password)
    let found: PasswordRights | undefined
    for (const chosen of (owner === undefined ? undefined : this.#byOwner.get(owner)) ?? []) {
      if (timingSafeEqual(given, chosen.digest)) found ??= chosen
    }
    return found
  }

  #digest(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password.normalize('NFC')).digest()
  }
}

/** Equal for the same password with the same rights. */
function identity({ digest, ...rights }: Chosen): string {
  return JSON.stringify([digest.toString('base64'), rights])
}

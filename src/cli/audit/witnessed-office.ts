import { ConsentError } from '#auth/consent-error.ts'
import type { Consent } from '#auth/consent.ts'
import { PasswordError } from '#auth/password-book.ts'
import type { PasswordBook } from '#auth/password-book.ts'
import type { Actor, AuditLog } from './audit-log.ts'

type By = NonNullable<Actor['by']>

/** The same client passwords; what is made and revoked is written down. */
export function witnessedPasswords(book: PasswordBook, audit: AuditLog | undefined, by: By): PasswordBook {
  if (audit === undefined) return book
  return {
    list: (address) => book.list(address),
    async make(address, wish) {
      try {
        const made = await book.make(address, wish)
        audit.record({ action: 'password-added', address, password: made.name, by, result: 'ok' })
        return made
      } catch (error) {
        const result = error instanceof PasswordError ? 'cannot' : 'failed'
        audit.record({ action: 'password-added', address, password: wish?.name, by, result })
        throw error
      }
    },
    async revoke(address, name) {
      const revoked = await book.revoke(address, name)
      const result = revoked ? 'ok' : 'nonexistent'
      audit.record({ action: 'password-removed', address, password: name, by, result })
      return revoked
    },
  }
}

/** The same consent; which accounts are connected is written down. */
export function witnessedConsent(consent: Consent, audit: AuditLog | undefined, by: By): Consent {
  if (audit === undefined) return consent
  return {
    get missing() {
      return consent.missing
    },
    get origin() {
      return consent.origin
    },
    begin: (options) => consent.begin(options),
    async finish(options) {
      try {
        const connected = await consent.finish(options)
        const { account, address, tier: access } = connected
        audit.record({ action: 'account-connected', account, address, access, by, result: 'ok' })
        return connected
      } catch (error) {
        const result = error instanceof ConsentError ? error.problem : 'failed'
        audit.record({ action: 'account-connected', by, result })
        throw error
      }
    },
  }
}

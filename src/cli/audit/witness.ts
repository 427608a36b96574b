import { MailError } from '#mail/errors.ts'
import type { Actor, AuditEntry, AuditLog } from './audit-log.ts'

type Deed = Omit<AuditEntry, keyof Actor | 'result'>

/** Sees what one actor does, and writes it down: when it is done, or why it could not be done. */
export interface Witness {
  /** Does the work and writes down what `deed` says of it, which is asked after it succeeded, or failed with `undefined`. */
  see<T>(work: () => Promise<T>, deed: (done: T | undefined) => Deed | Promise<Deed>): Promise<T>
}

export function createWitness(audit: AuditLog, actor: Actor): Witness {
  return {
    async see(work, deed) {
      try {
        const done = await work()
        audit.record({ ...actor, ...(await deed(done)), result: 'ok' })
        return done
      } catch (error) {
        audit.record({ ...actor, ...(await deed(undefined)), result: resultOf(error) })
        throw error
      }
    },
  }
}

function resultOf(error: unknown): string {
  if (error instanceof MailError) return error.code
  return error instanceof DOMException && error.name === 'AbortError' ? 'aborted' : 'failed'
}

import type { Admission, Door, Doorman, Refusal } from '#mail/doorman.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Actor, AuditLog } from './audit-log.ts'
import { createWitness } from './witness.ts'
import type { Witness } from './witness.ts'
import { mailboxName, witnessedMailstore } from './witnessed-mailstore.ts'

/** Everything that mail clients do passes one of these. */
export interface WitnessedDoors {
  doorman(doorman: Doorman): Doorman
  /** What POP3 does in the maildrop of somebody who was let in. */
  keeper(admission: Admission, keeper: MaildropKeeper): MaildropKeeper
  /** What is sent by somebody who was let in. */
  outbox(admission: Pick<Admission, 'address' | 'passwordName'>, outbox: Outbox): Outbox
}

/** `addressOf` tells which account a user's name means; a name that means none may be a password, and is not written down. */
export function witnessedDoors(
  audit: AuditLog,
  addressOf: (user: string) => string | undefined,
): WitnessedDoors {
  const witnesses = new WeakMap<object, Witness>()

  function told(verdict: Admission | Refusal, actor: Actor, user: string): Admission | Refusal {
    if ('refused' in verdict) {
      const { refused: result, reason } = verdict
      audit.record({ action: 'login-refused', ...actor, address: addressOf(user), result, reason })
      return verdict
    }
    const { account, address, passwordName: password } = verdict
    const known: Actor = { account, address, password, ...actor }
    audit.record({ action: 'login', ...known, result: 'ok' })
    const witness = createWitness(audit, known)
    // POP3 and SMTP change nothing by it, and POP3 remembers what it knows by the mailstore that it was given.
    const admission =
      actor.door === 'imap'
        ? { ...verdict, mailstore: witnessedMailstore(verdict.mailstore, witness) }
        : verdict
    witnesses.set(admission, witness)
    return admission
  }

  function witnessOf(
    admission: Pick<Admission, 'account' | 'address' | 'passwordName'>,
    door: Door,
  ): Witness {
    const { account, address, passwordName: password } = admission
    return witnesses.get(admission) ?? createWitness(audit, { account, address, password, door })
  }

  return {
    doorman: (doorman) => ({
      password: async (user, password, door, from, session) =>
        told(await doorman.password(user, password, door, from, session), { door, from, session }, user),
      bearer: async (user, token, door, from, session) =>
        told(await doorman.bearer(user, token, door, from, session), { door, from, session }, user),
    }),
    keeper(admission, keeper) {
      const witness = witnessOf(admission, 'pop3')
      return {
        popped: (keys, how) => keeper.popped(keys, how),
        prefetch: (keys) => keeper.prefetch(keys),
        update(mailbox, change, signal) {
          if (change.deleted.length === 0) return keeper.update(mailbox, change, signal)
          return witness.see(
            () => keeper.update(mailbox, change, signal),
            async () => ({
              action: 'pop-delete',
              mailbox: await mailboxName(admission.mailstore, mailbox),
              messages: change.deleted.length,
            }),
          )
        },
      }
    },
    outbox: (admission, outbox) => witnessedOutbox(outbox, witnessOf(admission, 'smtp')),
  }
}

/** The same outgoing mail; every message is written down, without its recipients. */
export function witnessedOutbox(outbox: Outbox, witness: Witness): Outbox {
  return {
    senders: (signal) => outbox.senders(signal),
    submit: (submission, signal) =>
      witness.see(
        () => outbox.submit(submission, signal),
        (done) => ({
          action: 'send',
          recipients: submission.recipients.length,
          gmailId: done?.messageId,
        }),
      ),
  }
}

import { randomUUID } from 'node:crypto'
import type { MessageId } from '#mail/ids.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock } from '#mail/surroundings.ts'
import { agree } from './agreement.ts'
import type { Envelope } from './agreement.ts'
import { tooBig } from './incoming.ts'
import type { Incoming } from './incoming.ts'

/** messages.send takes 35 MiB (facts: gmail-api section 1.3). */
export const messageLimitBytes = 36_700_160

/**
 * Gives a message that came in to the outbox: checked, completed, with envelope and header agreeing. Resolves with Gmail's
 * id. Throws SubmissionRefusal, MailError or the signal's reason.
 */
export async function post(
  incoming: Incoming,
  envelope: Envelope,
  { outbox, clock, limitBytes }: { outbox: Outbox; clock: Clock; limitBytes: number },
  signal: AbortSignal,
): Promise<MessageId> {
  const { incoming: message, digest } = incoming.end()
  const senders = await outbox.senders(signal)
  const { prefix, without, recipients, messageId } = agree(message.bytes, envelope, {
    senders,
    now: clock.now(),
    unique: randomUUID(),
  })
  const bytes = message.edited(prefix, without)
  if (bytes.length > limitBytes) throw tooBig(limitBytes)
  const sent = await outbox.submit({ bytes, recipients, messageId, digest }, signal)
  return sent.messageId
}

import { GmailError } from '#gmail/gmail.ts'

/**
 * Whether Gmail, or what stands for it, does not give this setting to us at all: not permitted, or not there. Without the
 * setting Gmail's default holds. A server that does not know an address may say so without Google's envelope.
 */
export function isNotServed(error: unknown): boolean {
  if (!(error instanceof GmailError)) return false
  if (error.kind === 'unavailable') return [404, 405, 501].includes(error.status ?? 0)
  return ['forbidden', 'not-found', 'invalid'].includes(error.kind)
}

import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { OpenedMessage } from './opened-message.ts'

const totalLimitBytes = 64 * 1024 * 1024
const countLimit = 16

interface Kept {
  readonly mailstore: WeakRef<Mailstore>
  readonly key: MessageKey
  readonly message: OpenedMessage
}

/** Of all sessions together, the latest first; at most `totalLimitBytes` and `countLimit`. */
const kept: Kept[] = []

/**
 * Reads a message of which a client wants pieces: it will soon want the next one (`BODY[]<0.65536>`, `<65536.65536>`, …),
 * which must not cost reading and parsing the message anew. Throws as `Mailstore.body`.
 */
export async function openForPieces(
  mailstore: Mailstore,
  key: MessageKey,
  signal: AbortSignal,
): Promise<OpenedMessage> {
  return openAtHand(mailstore, key) ?? keep(mailstore, key, await mailstore.body(key, signal))
}

/** The same, of a message that is in memory; undefined for any other. */
export function openAtHand(mailstore: Mailstore, key: MessageKey): OpenedMessage | undefined {
  const at = kept.findIndex((one) => one.key === key && one.mailstore.deref() === mailstore)
  const known = at === -1 ? undefined : kept.splice(at, 1)[0]
  if (known !== undefined) {
    kept.unshift(known)
    return known.message
  }
  const bytes = mailstore.bodyAtHand?.(key)
  return bytes === undefined ? undefined : keep(mailstore, key, bytes)
}

function keep(mailstore: Mailstore, key: MessageKey, bytes: Buffer): OpenedMessage {
  const message = new OpenedMessage(bytes)
  if (message.bytes.length <= totalLimitBytes) {
    kept.unshift({ mailstore: new WeakRef(mailstore), key, message })
    let total = 0
    const tooMany = kept.findIndex((one, i) => {
      total += one.message.bytes.length
      return total > totalLimitBytes || i >= countLimit || one.mailstore.deref() === undefined
    })
    if (tooMany !== -1) kept.length = tooMany
  }
  return message
}

import { messageId } from '#mail/ids.ts'
import type { MessageId } from '#mail/ids.ts'
import type { Outbox, Sender, Submission } from '#mail/outbox.ts'

/** An outbox that keeps what it is given, or fails as it is told. */
export class MemoryOutbox implements Outbox {
  readonly sent: Submission[] = []
  readonly #senders: readonly Sender[]
  /** Thrown by the next submissions, one each. */
  readonly failures: Error[] = []
  /** Awaited by each submission. */
  gate: ((signal: AbortSignal) => Promise<void>) | undefined

  constructor(...addresses: string[]) {
    this.#senders = addresses.map((address, index) => ({
      address,
      displayName: '',
      isDefault: index === 0,
    }))
  }

  senders(): Promise<readonly Sender[]> {
    return Promise.resolve(this.#senders)
  }

  async submit(submission: Submission, signal: AbortSignal): Promise<{ messageId: MessageId }> {
    await this.gate?.(signal)
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
    this.sent.push({ ...submission, bytes: Buffer.from(submission.bytes) })
    return { messageId: messageId((0x18c0ffee00 + this.sent.length).toString(16)) }
  }

  /** The only message so far, as text with one character per octet. */
  get text(): string {
    if (this.sent.length !== 1) throw new Error(`there are ${this.sent.length} messages, not one`)
    return this.sent[0]?.bytes.toString('latin1') ?? ''
  }
}

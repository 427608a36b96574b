import type { MailboxId, MessageKey } from '#mail/ids.ts'
import type { MaildropChange, MaildropKeeper } from '#mail/maildrop.ts'

/** Remembers as an account does; what `update` was asked for can be read. */
export class MemoryKeeper implements MaildropKeeper {
  readonly updates: { mailbox: MailboxId; change: MaildropChange }[] = []
  readonly prefetched: MessageKey[][] = []
  /** Thrown by `update` while it is set. */
  trouble: Error | undefined
  /** Awaited by `update`. */
  gate: ((signal: AbortSignal) => Promise<void>) | undefined
  readonly #retrieved = new Set<MessageKey>()
  readonly #deleted = new Set<MessageKey>()

  async popped(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>> {
    return new Set(
      keys.filter((key) => this.#deleted.has(key) || (how === 'retrieved' && this.#retrieved.has(key))),
    )
  }

  async update(mailbox: MailboxId, change: MaildropChange, signal: AbortSignal): Promise<void> {
    await this.gate?.(signal)
    signal.throwIfAborted()
    if (this.trouble !== undefined) throw this.trouble
    this.updates.push({ mailbox, change })
    for (const key of change.retrieved) this.#retrieved.add(key)
    for (const key of change.deleted) this.#deleted.add(key)
  }

  prefetch(keys: readonly MessageKey[]): void {
    this.prefetched.push([...keys])
  }
}

import type { MessageKey } from '#mail/ids.ts'

/** What a sieve costs beside its octets: a view, a map entry. */
const overheadBytes = 200

/**
 * One account's text sieves (mail/mime/text-sieve.ts) that are in memory: reading and opening those of ten thousand
 * messages takes a hundred times as long as asking them. They take what room is free, and give it to records.
 */
export class AccountSieves {
  readonly #hasRoom: (bytes: number) => boolean
  readonly #sieves = new Map<MessageKey, Buffer>()
  #bytes = 0

  /** `hasRoom` is asked before anything is kept. */
  constructor(hasRoom: (bytes: number) => boolean) {
    this.#hasRoom = hasRoom
  }

  /** About what they take. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: MessageKey): Buffer | undefined {
    return this.#sieves.get(key)
  }

  /** Keeps the buffer itself, where there is room. */
  remember(key: MessageKey, sieve: Buffer): void {
    const bytes = sieve.length + overheadBytes
    if (this.#sieves.has(key) || !this.#hasRoom(bytes)) return
    this.#sieves.set(key, sieve)
    this.#bytes += bytes
  }

  drop(key: MessageKey): void {
    const sieve = this.#sieves.get(key)
    if (sieve === undefined) return
    this.#sieves.delete(key)
    this.#bytes -= sieve.length + overheadBytes
  }

  /** Makes room. Several lie in the same memory, those that were read together. */
  forgetFirst(): void {
    for (const key of this.#sieves.keys()) return this.drop(key)
  }

  clear(): void {
    this.#sieves.clear()
    this.#bytes = 0
  }
}

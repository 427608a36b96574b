import type { MessageKey } from '#mail/ids.ts'

/** What a sieve costs beside its octets: a view, a map entry. */
const overheadBytes = 200

/**
 * One account's text sieves (mail/mime/text-sieve.ts) that are in memory: reading and opening those of ten thousand
 * messages takes a hundred times as long as asking them. They take what room is free, and give it to records.
 */
export class AccountSieves {
  readonly #makeRoom: (bytes: number) => boolean
  readonly #hasRoom: (bytes: number) => boolean
  readonly #sieves = new Map<MessageKey, Buffer>()
  #bytes = 0

  /** One of them is asked before anything is kept: `makeRoom` may take it from other accounts. */
  constructor(makeRoom: (bytes: number) => boolean, hasRoom: (bytes: number) => boolean) {
    this.#makeRoom = makeRoom
    this.#hasRoom = hasRoom
  }

  /** About what they take. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: MessageKey): Buffer | undefined {
    return this.#sieves.get(key)
  }

  /** Of a message that somebody searches. Keeps the buffer itself. */
  remember(key: MessageKey, sieve: Buffer): void {
    const bytes = sieve.length + overheadBytes
    if (this.#sieves.has(key) || !this.#makeRoom(bytes)) return
    this.#sieves.set(key, sieve)
    this.#bytes += bytes
  }

  /** Of a message that has just come, perhaps to be searched. Keeps a copy. */
  keepIfFree(key: MessageKey, sieve: Buffer): void {
    const bytes = sieve.length + overheadBytes
    if (this.#sieves.has(key) || !this.#hasRoom(bytes)) return
    // A slice of a pool would keep all of it.
    const copy = Buffer.allocUnsafeSlow(sieve.length)
    sieve.copy(copy)
    this.#sieves.set(key, copy)
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

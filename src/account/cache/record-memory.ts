import type { MessageKey } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'

/** What a record costs beside its text: objects, map entries. Measured on Node 26. */
const overheadBytes = 700
/** Keys are given one after the other, so a bit for each is little; beyond this many nothing is noted. */
const notedKeys = 64 * 1024 * 1024

/**
 * Records that were read from the store lately, of all accounts together: decoding one costs ten times what answering
 * from it does. Two generations instead of an order of use: when the younger has filled half of the room, the older is
 * dropped; what is used again moves to the younger. So a lookup costs one or two map lookups and nothing is sorted.
 */
export class RecordMemory {
  readonly #halfBytes: number
  readonly #accounts = new Set<AccountRecords>()
  #youngBytes = 0

  /** 0 for none. */
  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2
  }

  /** One account's records. Close it with the account. */
  open(): AccountRecords {
    const records = new AccountRecords(
      (bytes) => this.#grew(bytes),
      () => this.#accounts.delete(records),
    )
    this.#accounts.add(records)
    return records
  }

  #grew(bytes: number): void {
    this.#youngBytes += bytes
    if (this.#youngBytes <= this.#halfBytes) return
    this.#youngBytes = 0
    for (const records of this.#accounts) records.age()
  }
}

/** One account's part of the RecordMemory. */
export class AccountRecords {
  readonly #grew: (bytes: number) => void
  readonly #leave: () => void
  #young = new Map<MessageKey, MessageRecord>()
  #old = new Map<MessageKey, MessageRecord>()
  /** A bit for each message that is known to be read: that never changes back. */
  #read = new Uint8Array(128)
  #drops = 0

  constructor(grew: (bytes: number) => void, leave: () => void) {
    this.#grew = grew
    this.#leave = leave
  }

  /** Changes whenever something is dropped: what was read from the store before that must not be remembered after it. */
  get drops(): number {
    return this.#drops
  }

  get(key: MessageKey): MessageRecord | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#put(old)
    return old
  }

  /** Keeps the object itself. */
  remember(record: MessageRecord): void {
    this.noteRead(record.key)
    this.#put(record)
  }

  /** Messages that ceased to exist. */
  drop(keys: readonly MessageKey[]): void {
    if (keys.length === 0) return
    this.#drops++
    for (const key of keys) {
      this.#young.delete(key)
      this.#old.delete(key)
    }
  }

  /** Whether the message is known to have been read once. */
  wasRead(key: MessageKey): boolean {
    return ((this.#read[key >>> 3] ?? 0) & (1 << (key & 7))) !== 0
  }

  noteRead(key: MessageKey): void {
    if (key >= notedKeys) return
    const at = key >>> 3
    if (at >= this.#read.length) {
      const larger = new Uint8Array(Math.max(at + 1, 2 * this.#read.length))
      larger.set(this.#read)
      this.#read = larger
    }
    this.#read[at] = (this.#read[at] as number) | (1 << (key & 7))
  }

  /** A generation passes. */
  age(): void {
    this.#old = this.#young
    this.#young = new Map()
  }

  close(): void {
    this.#leave()
    this.#young.clear()
    this.#old.clear()
  }

  #put(record: MessageRecord): void {
    this.#young.set(record.key, record)
    this.#grew(sizeOf(record))
  }
}

function sizeOf({ summary, header }: MessageRecord): number {
  let characters = 0
  for (const id of summary.references) characters += id.length + 24
  return (
    overheadBytes +
    characters +
    summary.envelope.length +
    summary.bodyStructure.length +
    summary.body.length +
    // Other alphabets take two octets a character.
    2 *
      (summary.from.length +
        summary.to.length +
        summary.cc.length +
        summary.bcc.length +
        summary.subject.length) +
    (header?.length ?? 0)
  )
}

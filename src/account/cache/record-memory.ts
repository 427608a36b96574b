import type { MessageKey } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import { TextFindings } from '#mail/text-findings.ts'
import { AccountSieves } from './account-sieves.ts'

/** What a record costs beside its text: objects, map entries. Measured on Node 26. */
const overheadBytes = 700
/** Of the room, for what searches found out: so much an account at most, and so large a part in all. */
const findingsPerAccountBytes = 512 * 1024
const findingsShare = 1 / 8
/** Identities that are known besides those of the records. */
const identitiesLimit = 4096
/** Keys are given one after the other, so a bit for each is little; beyond this many nothing is noted. */
const notedKeys = 64 * 1024 * 1024

/**
 * Records that were read from the store lately, of all accounts together: decoding one costs ten times what answering
 * from it does. What was remembered first is forgotten first: an order of use would cost more than it saves. What records
 * leave free is for sieves.
 */
export class RecordMemory {
  readonly #maxBytes: number
  readonly #accounts = new Set<AccountRecords>()
  /** Those of the account that was searched last come last. */
  readonly #sieves = new Set<AccountSieves>()
  /** As with sieves. */
  readonly #findings = new Set<TextFindings>()

  /** 0 for none. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Of all accounts. */
  get bytes(): number {
    let sum = 0
    for (const { bytes, sieves, findings } of this.#accounts) sum += bytes + sieves.bytes + findings.bytes
    return sum
  }

  /** One account's records. Close it with the account. */
  open(): AccountRecords {
    const sieves = new AccountSieves(
      (bytes) => this.#takesRoom(sieves, bytes),
      (bytes) => this.#hasRoom(sieves, bytes),
    )
    const findings = new TextFindings(Math.min(findingsPerAccountBytes, this.#maxBytes * findingsShare), () =>
      this.#makeRoomBeside(findings),
    )
    const records = new AccountRecords(
      { sieves, findings },
      () => this.#makeRoom(),
      () => {
        this.#accounts.delete(records)
        this.#sieves.delete(sieves)
        this.#findings.delete(findings)
      },
    )
    this.#accounts.add(records)
    return records
  }

  /** For a sieve: where there is none, the account whose sieves were used least lately gives all of them. */
  #takesRoom(asking: AccountSieves, bytes: number): boolean {
    this.#sieves.delete(asking)
    this.#sieves.add(asking)
    for (const sieves of this.#sieves) {
      if (this.bytes + bytes <= this.#maxBytes) return true
      if (sieves === asking) return false
      sieves.clear()
      this.#sieves.delete(sieves)
    }
    return false
  }

  #hasRoom(asking: AccountSieves, bytes: number): boolean {
    if (this.bytes + bytes > this.#maxBytes) return false
    this.#sieves.add(asking)
    return true
  }

  /** For findings: those of the account that searched least lately go first, then sieves and records. */
  #makeRoomBeside(asking: TextFindings): void {
    this.#findings.delete(asking)
    this.#findings.add(asking)
    let sum = 0
    for (const { bytes } of this.#findings) sum += bytes
    for (const findings of this.#findings) {
      if (sum <= this.#maxBytes * findingsShare || findings === asking) break
      sum -= findings.bytes
      findings.clear()
      this.#findings.delete(findings)
    }
    this.#makeRoom()
  }

  /** Sieves before records; who has most gives. */
  #makeRoom(): void {
    while (this.bytes > this.#maxBytes) {
      const [unused] = this.#sieves
      if (unused !== undefined) {
        unused.forgetFirst()
        if (unused.bytes === 0) this.#sieves.delete(unused)
        continue
      }
      let largest: AccountRecords | undefined
      for (const records of this.#accounts)
        if (largest === undefined || records.bytes > largest.bytes) largest = records
      largest?.forgetFirst()
    }
  }
}

/** What Gmail calls a message. */
export type Identity = Pick<MessageRecord, 'messageId' | 'threadId'>

/** One account's part of the RecordMemory. */
export class AccountRecords {
  readonly sieves: AccountSieves
  readonly findings: TextFindings
  readonly #makeRoom: () => void
  readonly #leave: () => void
  readonly #records = new Map<MessageKey, MessageRecord>()
  /** Of messages of which somebody wanted more than the record; the latest last. */
  readonly #identities = new Map<MessageKey, Identity>()
  /** A bit for each message that is known to be read: that never changes back. */
  #read = new Uint8Array(128)
  #bytes = 0
  #drops = 0

  constructor(
    { sieves, findings }: { readonly sieves: AccountSieves; readonly findings: TextFindings },
    makeRoom: () => void,
    leave: () => void,
  ) {
    this.sieves = sieves
    this.findings = findings
    this.#makeRoom = makeRoom
    this.#leave = leave
  }

  /** About what the records take. */
  get bytes(): number {
    return this.#bytes
  }

  /** Changes whenever something is dropped: what was read from the store before that must not be remembered after it. */
  get drops(): number {
    return this.#drops
  }

  get(key: MessageKey): MessageRecord | undefined {
    return this.#records.get(key)
  }

  /** Keeps the object itself. */
  remember(record: MessageRecord): void {
    this.noteRead(record.key)
    this.#forget(record.key)
    this.#records.set(record.key, record)
    this.#bytes += sizeOf(record)
    this.#makeRoom()
  }

  /** The ids of a message that was read once. */
  identify(key: MessageKey, { messageId, threadId }: Identity): void {
    this.#identities.delete(key)
    this.#identities.set(key, { messageId, threadId })
    if (this.#identities.size <= identitiesLimit) return
    for (const first of this.#identities.keys()) {
      this.#identities.delete(first)
      return
    }
  }

  /** Undefined when it is not known by heart. */
  identity(key: MessageKey): Identity | undefined {
    return this.#identities.get(key)
  }

  /** Messages that ceased to exist. */
  drop(keys: readonly MessageKey[]): void {
    if (keys.length === 0) return
    this.#drops++
    this.findings.drop(keys)
    for (const key of keys) {
      this.#forget(key)
      this.#identities.delete(key)
      this.sieves.drop(key)
    }
  }

  /** Makes room. */
  forgetFirst(): void {
    for (const key of this.#records.keys()) return this.#forget(key)
    this.#bytes = 0
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

  close(): void {
    this.#leave()
    this.sieves.clear()
    this.findings.clear()
    this.#records.clear()
    this.#identities.clear()
    this.#bytes = 0
  }

  #forget(key: MessageKey): void {
    const record = this.#records.get(key)
    if (record === undefined) return
    this.#records.delete(key)
    this.#bytes -= sizeOf(record)
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

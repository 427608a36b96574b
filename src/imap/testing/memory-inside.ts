import { MailError } from '#mail/errors.ts'
import { FlagBit, FlagTable } from '#mail/flags.ts'
import { mailboxId, messageKey, modSeq, uid } from '#mail/ids.ts'
import type { LabelId, MailboxId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import type { CountsChange } from '#mail/mailstore-news.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { TextFindings } from '#mail/text-findings.ts'
import { stepFrom } from './step-from.ts'
import type { NewMail } from '#mail/writing.ts'
import { splitFlags } from './memory-flags.ts'
import type { Box, MemoryControls, MemoryMailbox, MemoryMessage, Message, Row } from './memory-model.ts'

/** The inside of a mailstore in memory: mailboxes, what is in them, and who hears of changes. */
export class MemoryInside {
  readonly flagTable = new FlagTable()
  readonly messages = new Map<MessageKey, Message>()
  /** By name. */
  readonly boxes = new Map<string, Box>()
  /** Messages that nobody has read yet. */
  readonly unread = new Set<MessageKey>()
  readonly findings = new TextFindings(64 * 1024)
  readonly statusListeners = new Set<(mailbox: MailboxId, change: CountsChange) => void>()
  readonly namesListeners = new Set<() => void>()
  readonly controls: MemoryControls
  #lastKey = 0
  #lastBox = 0
  #modSeq = 1

  constructor(controls: MemoryControls) {
    this.controls = controls
  }

  /** Throws when aborted or in trouble. */
  check(signal: AbortSignal): void {
    signal.throwIfAborted()
    if (this.controls.trouble !== undefined) throw this.controls.trouble
  }

  get modSeq(): ModSeq {
    return modSeq(this.#modSeq)
  }

  /** A new MODSEQ. */
  touch(): number {
    return ++this.#modSeq
  }

  boxNamed(name: string): Box {
    const box = this.boxes.get(name)
    if (box === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
    return box
  }

  boxOf(id: MailboxId): Box {
    for (const box of this.boxes.values()) if (box.id === id) return box
    throw new MailError('nonexistent', 'There is no such mailbox')
  }

  messageOf(key: MessageKey): Message {
    const message = this.messages.get(key)
    if (message === undefined) throw new MailError('expunged', 'The message is gone')
    return message
  }

  changed(box: Box, change: CountsChange = 'messages'): void {
    box.snapshot = undefined
    for (const listener of box.listeners) listener('changed')
    for (const listener of this.statusListeners) listener(box.id, change)
  }

  /** Some mailbox has come, gone, or is called or subscribed otherwise. */
  renamed(): void {
    for (const listener of this.namesListeners) listener()
  }

  addMailbox(wanted: MemoryMailbox): Box {
    const number = ++this.#lastBox
    const id = mailboxId(number)
    const isLabel = wanted.selectable !== false && wanted.role !== 'all'
    const box: Box = {
      id,
      mailbox: {
        id: wanted.selectable === false ? undefined : id,
        name: wanted.name,
        role: wanted.role,
        selectable: wanted.selectable ?? true,
        hasChildren: false,
        subscribed: wanted.subscribed ?? true,
        labelId: isLabel ? (`Label_${number}` as LabelId) : undefined,
      },
      uidValidity: 1_700_000_000 + number,
      uidNext: 1,
      rows: [],
      left: [],
      saved: [],
      snapshot: undefined,
      last: undefined,
      listeners: new Set(),
    }
    this.boxes.set(wanted.name, box)
    this.renamed()
    return box
  }

  add(box: Box, key: MessageKey): Uid {
    const given = uid(box.uidNext++)
    box.rows.push({ uid: given, key, deleted: false, modSeq: this.touch() })
    return given
  }

  put(message: NewMail): MessageKey {
    const key = messageKey(++this.#lastKey)
    this.messages.set(key, {
      ...message,
      bits: message.bits & ~FlagBit.deleted,
      internalDate: message.internalDate ?? Date.UTC(2026, 0, 1) + key * 60_000,
      record: undefined,
    })
    return key
  }

  /** Takes rows out of a mailbox in one change. */
  takeOut(box: Box, isLeaving: (row: Row) => boolean): void {
    const leaving = box.rows.filter(isLeaving)
    if (leaving.length === 0) return
    const now = this.touch()
    box.left.push(...leaving.map((row) => ({ uid: row.uid, modSeq: now })))
    box.rows = box.rows.filter((row) => !isLeaving(row))
    this.changed(box)
  }

  /** With `tell` whoever listens hears of it. */
  deliver(name: string, message: MemoryMessage, tell: boolean): Uid {
    const box = this.boxNamed(name)
    const key = this.put({
      bytes: typeof message.bytes === 'string' ? Buffer.from(message.bytes, 'latin1') : message.bytes,
      internalDate: message.internalDate,
      ...splitFlags(message.flags ?? []),
    })
    const given = this.add(box, key)
    box.saved.push({ uid: given, at: message.savedAt })
    const others = (message.labels ?? []).map(
      (label) => this.boxes.get(label) ?? this.addMailbox({ name: label }),
    )
    for (const other of others) this.add(other, key)
    if (tell) for (const one of [box, ...others]) this.changed(one)
    return given
  }

  snapshotOf(box: Box): MailboxSnapshot {
    if (box.snapshot !== undefined) return box.snapshot
    const count = box.rows.length
    const uids = new Uint32Array(count)
    const keys = new Uint32Array(count)
    const flags = new Uint32Array(count)
    const modSeqs = new Float64Array(count)
    for (const [i, row] of box.rows.entries()) {
      const message = this.messageOf(row.key)
      uids[i] = row.uid
      keys[i] = row.key
      flags[i] = this.flagTable.intern(message.bits | (row.deleted ? FlagBit.deleted : 0), message.keywords)
      modSeqs[i] = row.modSeq
    }
    const snapshot = {
      mailbox: box.id,
      uidValidity: box.uidValidity,
      uidNext: uid(box.uidNext),
      highestModSeq: this.modSeq,
      uids,
      keys,
      flags,
      modSeqs,
      flagTable: this.flagTable,
      token: {},
    }
    box.snapshot = { ...snapshot, step: stepFrom(box.last, snapshot) }
    box.last = box.snapshot
    return box.snapshot
  }
}

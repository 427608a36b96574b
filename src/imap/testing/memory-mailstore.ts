import { MailError } from '#mail/errors.ts'
import { flagBit, FlagBit, FlagTable } from '#mail/flags.ts'
import { mailboxId, messageId, messageKey, modSeq, threadId, uid } from '#mail/ids.ts'
import type { LabelId, MailboxId, MessageKey, Uid } from '#mail/ids.ts'
import type { Mailbox, MailboxRole } from '#mail/mailbox.ts'
import type {
  FlagChange,
  Mailstore,
  MessageRecord,
  RecordDepth,
  OpenMailbox,
  SearchHint,
} from '#mail/mailstore.ts'
import type { CountsChange } from '#mail/mailstore-news.ts'
import { SaveDates } from '#mail/save-dates.ts'
import { commonFields } from '#mail/mime/common-fields.ts'
import { summarise } from '#mail/mime/summarise.ts'
import { gramsOf, mayHold, sieveOf, type Grams } from '#mail/mime/text-sieve.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { NewMail } from '#mail/writing.ts'
import { memoryWriting } from './memory-writing.ts'

/** One message to begin with or to deliver. */
export interface MemoryMessage {
  readonly bytes: Buffer | string
  readonly flags?: readonly string[]
  /** Epoch milliseconds. */
  readonly internalDate?: number
  /** When it came into the mailbox, epoch milliseconds; not known if left out. */
  readonly savedAt?: number
  /** Other mailboxes that the same message is in. */
  readonly labels?: readonly string[]
}

export interface MemoryMailbox {
  readonly name: string
  readonly role?: MailboxRole
  readonly messages?: readonly MemoryMessage[]
  readonly selectable?: boolean
  readonly subscribed?: boolean
}

export interface Message {
  readonly bytes: Buffer
  readonly internalDate: number
  bits: number
  keywords: readonly string[]
  record: MessageRecord | undefined
}

export interface Row {
  readonly uid: Uid
  readonly key: MessageKey
  deleted: boolean
  modSeq: number
}

export interface Box {
  mailbox: Mailbox
  readonly id: MailboxId
  readonly uidValidity: number
  uidNext: number
  rows: Row[]
  /** What left it, ascending by MODSEQ. */
  readonly left: { readonly uid: Uid; readonly modSeq: number }[]
  /** When messages came, as rows of SaveDates. */
  readonly saved: { readonly uid: Uid; readonly at: number | undefined }[]
  snapshot: MailboxSnapshot | undefined
  readonly listeners: Set<(event: 'changed' | 'gone') => void>
}

/** What a mailstore of this kind can do beside what the front doors see. */
export interface MemoryMailstore extends Mailstore {
  alert: string | undefined
  /** How often `poke` was called. */
  pokes: number
  /** How many clients are attached. */
  attached: number
  /** What was asked of `body` and `bodies`. */
  readonly bodiesRead: MessageKey[]
  /** Awaited before octets, or a record of a message that `forget` forgot, are given. Undefined: at once. */
  gate: ((key: MessageKey) => Promise<void>) | undefined
  /** Awaited before a mailbox is opened. */
  openGate: (() => Promise<void>) | undefined
  /** Thrown by everything that acts on mail while it is set. */
  trouble: Error | undefined
  deliver(mailbox: string, message: MemoryMessage): Uid
  remove(mailbox: string, uid: number): void
  /** What another client does to flags. */
  setFlags(mailbox: string, uid: number, flags: readonly string[]): void
  keyOf(mailbox: string, uid: number): MessageKey
  uidsOf(mailbox: string): readonly number[]
  flagsOf(mailbox: string, uid: number): string
  /** The records are read again, through `gate`, when somebody wants them. */
  forget(): void
  addMailbox(mailbox: MemoryMailbox): void
  /** The mailbox ceases to exist for whoever has it open. */
  removeMailbox(name: string): void
}

/** A whole mailstore in memory: the second implementation of `Mailstore`, for tests and measurements. */
export function createMemoryMailstore(options: {
  address: string
  mailboxes: readonly MemoryMailbox[]
}): MemoryMailstore {
  const flagTable = new FlagTable()
  const messages = new Map<MessageKey, Message>()
  const boxes = new Map<string, Box>()
  let lastKey = 0
  let lastBox = 0
  let modSeqNow = 1
  const unread = new Set<MessageKey>()

  function boxNamed(name: string): Box {
    const box = boxes.get(name)
    if (box === undefined) throw new MailError('nonexistent', 'There is no such mailbox')
    return box
  }

  function boxOf(id: MailboxId): Box {
    for (const box of boxes.values()) if (box.id === id) return box
    throw new MailError('nonexistent', 'There is no such mailbox')
  }

  function messageOf(key: MessageKey): Message {
    const message = messages.get(key)
    if (message === undefined) throw new MailError('expunged', 'The message is gone')
    return message
  }

  const newsListeners = new Set<(mailbox: MailboxId, change: CountsChange) => void>()
  const namesListeners = new Set<() => void>()

  function changed(box: Box, change: CountsChange = 'messages'): void {
    box.snapshot = undefined
    for (const listener of box.listeners) listener('changed')
    for (const listener of newsListeners) listener(box.id, change)
  }

  function renamed(): void {
    for (const listener of namesListeners) listener()
  }

  function addMailbox(wanted: MemoryMailbox): Box {
    const id = mailboxId(++lastBox)
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
        labelId: isLabel ? (`Label_${lastBox}` as LabelId) : undefined,
      },
      uidValidity: 1_700_000_000 + lastBox,
      uidNext: 1,
      rows: [],
      left: [],
      saved: [],
      snapshot: undefined,
      listeners: new Set(),
    }
    boxes.set(wanted.name, box)
    renamed()
    return box
  }

  function add(box: Box, key: MessageKey): Uid {
    const given = uid(box.uidNext++)
    box.rows.push({ uid: given, key, deleted: false, modSeq: ++modSeqNow })
    return given
  }

  function put(message: NewMail): MessageKey {
    const key = messageKey(++lastKey)
    messages.set(key, {
      ...message,
      bits: message.bits & ~FlagBit.deleted,
      internalDate: message.internalDate ?? Date.UTC(2026, 0, 1) + lastKey * 60_000,
      record: undefined,
    })
    return key
  }

  /** Takes rows out of a mailbox in one change. */
  function takeOut(box: Box, isLeaving: (row: Row) => boolean): void {
    const leaving = box.rows.filter(isLeaving)
    if (leaving.length === 0) return
    const now = ++modSeqNow
    box.left.push(...leaving.map((row) => ({ uid: row.uid, modSeq: now })))
    box.rows = box.rows.filter((row) => !isLeaving(row))
    changed(box)
  }

  function deliver(name: string, message: MemoryMessage, tell = true): Uid {
    const box = boxNamed(name)
    const key = put({
      bytes: typeof message.bytes === 'string' ? Buffer.from(message.bytes, 'latin1') : message.bytes,
      internalDate: message.internalDate,
      ...split(message.flags ?? []),
    })
    const given = add(box, key)
    box.saved.push({ uid: given, at: message.savedAt })
    const others = (message.labels ?? []).map((label) => boxes.get(label) ?? addMailbox({ name: label }))
    for (const other of others) add(other, key)
    if (tell) for (const one of [box, ...others]) changed(one)
    return given
  }

  function snapshotOf(box: Box): MailboxSnapshot {
    if (box.snapshot !== undefined) return box.snapshot
    const count = box.rows.length
    const uids = new Uint32Array(count)
    const keys = new Uint32Array(count)
    const flags = new Uint32Array(count)
    const modSeqs = new Float64Array(count)
    for (const [i, row] of box.rows.entries()) {
      const message = messageOf(row.key)
      uids[i] = row.uid
      keys[i] = row.key
      flags[i] = flagTable.intern(message.bits | (row.deleted ? FlagBit.deleted : 0), message.keywords)
      modSeqs[i] = row.modSeq
    }
    box.snapshot = {
      mailbox: box.id,
      uidValidity: box.uidValidity,
      uidNext: uid(box.uidNext),
      highestModSeq: modSeq(modSeqNow),
      uids,
      keys,
      flags,
      modSeqs,
      flagTable,
    }
    return box.snapshot
  }

  /** Applies a change as Gmail would: \Deleted in one mailbox, everything else in all that hold the message. */
  function apply(box: Box, keys: ReadonlySet<MessageKey>, change: FlagChange): void {
    const touched = new Set<MessageKey>()
    for (const key of keys) {
      const message = messages.get(key)
      if (message === undefined) continue
      const bits = changedBits(message.bits, { ...change, bits: change.bits & ~FlagBit.deleted })
      const keywords = changedKeywords(message.keywords, change)
      if (bits === message.bits && keywords.join(' ') === message.keywords.join(' ')) continue
      message.bits = bits
      message.keywords = keywords
      touched.add(key)
    }
    for (const other of boxes.values()) {
      let changes = false
      for (const row of other.rows) {
        const deleted =
          other === box && keys.has(row.key)
            ? (changedBits(row.deleted ? FlagBit.deleted : 0, change) & FlagBit.deleted) !== 0
            : row.deleted
        if (deleted === row.deleted && !touched.has(row.key)) continue
        row.deleted = deleted
        row.modSeq = ++modSeqNow
        changes = true
      }
      if (changes) changed(other, 'flags')
    }
  }

  function mayHoldGrams(key: MessageKey, grams: Grams): boolean {
    const message = messages.get(key)
    const sieve = message === undefined || unread.has(key) ? undefined : sieveOf(message.bytes)
    return sieve === undefined || mayHold(sieve, grams)
  }

  function recordOf(key: MessageKey, depth: RecordDepth): MessageRecord | undefined {
    const message = messages.get(key)
    if (message === undefined) return undefined
    if (message.record === undefined) {
      const { summary, header } = summarise(message.bytes)
      const id = (0x18c0_0000_0000 + key).toString(16)
      message.record = {
        key,
        messageId: messageId(id),
        threadId: threadId(id),
        internalDate: message.internalDate,
        summary,
        header,
      }
    }
    const { header } = message.record
    if (depth === 'header' || header === undefined) return message.record
    return { ...message.record, header: depth === 'fields' ? (commonFields(header) ?? header) : undefined }
  }

  const store: MemoryMailstore = {
    ...memoryWriting({
      boxes,
      messages,
      check(signal) {
        signal.throwIfAborted()
        if (store.trouble !== undefined) throw store.trouble
      },
      boxNamed,
      boxOf,
      add,
      put,
      takeOut,
      addMailbox,
      changed,
      renamed,
      touch: () => ++modSeqNow,
    }),
    address: options.address,
    flagTable,
    alert: undefined,
    pokes: 0,
    attached: 0,
    bodiesRead: [],
    gate: undefined,
    openGate: undefined,
    trouble: undefined,

    async mailboxes(signal) {
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      const names = [...boxes.keys()]
      return [...boxes.values()]
        .map(({ mailbox }) => ({
          ...mailbox,
          hasChildren: names.some((name) => name.startsWith(`${mailbox.name}/`)),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    async status(id, signal) {
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      const box = boxOf(id)
      const held = box.rows.map((row) => ({ ...row, ...messageOf(row.key) }))
      return {
        messages: held.length,
        unseen: held.filter(({ bits }) => (bits & FlagBit.seen) === 0).length,
        deleted: held.filter(({ deleted }) => deleted).length,
        uidNext: uid(box.uidNext),
        uidValidity: box.uidValidity,
        highestModSeq: modSeq(modSeqNow),
        sizeBytes: held.reduce((sum, { bytes }) => sum + bytes.length, 0),
      }
    },

    async open(id, signal): Promise<OpenMailbox> {
      await store.openGate?.()
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      const box = boxOf(id)
      return {
        mailbox: box.mailbox,
        snapshot: () => snapshotOf(box),
        onChange(listener) {
          box.listeners.add(listener)
          return () => box.listeners.delete(listener)
        },
        close() {},
      }
    },

    async known(keys) {
      return new Set(keys.filter((key) => messages.has(key) && !unread.has(key)))
    },

    async mayHold(keys, texts) {
      return new Map(
        texts.map((text) => {
          const grams = gramsOf(text)
          return [text, new Set(keys.filter((key) => grams === undefined || mayHoldGrams(key, grams)))]
        }),
      )
    },

    async *records(keys, depth, signal) {
      const ready = keys.filter((key) => !unread.has(key))
      for (let i = 0; i < ready.length; i += 200) {
        signal.throwIfAborted()
        if (store.trouble !== undefined) throw store.trouble
        yield ready
          .slice(i, i + 200)
          .map((key) => recordOf(key, depth))
          .filter((record) => record !== undefined)
      }
      for (const key of keys) {
        if (!unread.has(key)) continue
        await store.gate?.(key)
        signal.throwIfAborted()
        if (store.trouble !== undefined) throw store.trouble
        unread.delete(key)
        const record = recordOf(key, depth)
        if (record !== undefined) yield [record]
      }
    },

    async identities(keys) {
      return new Map(
        keys
          .map((key) => recordOf(key, 'summary'))
          .filter((record) => record !== undefined)
          .map((record) => [record.key, { messageId: record.messageId, threadId: record.threadId }]),
      )
    },

    async body(key, signal) {
      await store.gate?.(key)
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      store.bodiesRead.push(key)
      return messageOf(key).bytes
    },

    async *bodies(keys, signal) {
      for (const key of keys) if (messages.has(key)) yield { key, bytes: await store.body(key, signal) }
    },

    async candidates(hints, signal) {
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      return new Set(
        [...messages].filter(([, message]) => hints.every((hint) => fits(message, hint))).map(([key]) => key),
      )
    },

    async changeFlags(id, keys, change, signal) {
      signal.throwIfAborted()
      if (store.trouble !== undefined) throw store.trouble
      const since = change.unchangedSince ?? Infinity
      const wanted = new Set(keys)
      const spared = boxOf(id).rows.filter((row) => wanted.has(row.key) && row.modSeq > since)
      for (const { key } of spared) wanted.delete(key)
      apply(boxOf(id), wanted, change)
      return spared.map(({ key }) => key)
    },

    async vanished(id, since) {
      return boxOf(id)
        .left.filter((one) => one.modSeq > since)
        .map((one) => one.uid)
        .sort((a, b) => a - b)
    },

    async saveDates(id) {
      const { saved } = boxOf(id)
      return new SaveDates(
        saved.map(({ uid: first }) => first),
        saved.map(({ at }) => at),
      )
    },

    onStatus(listener) {
      newsListeners.add(listener)
      return () => newsListeners.delete(listener)
    },

    onMailboxes(listener) {
      namesListeners.add(listener)
      return () => namesListeners.delete(listener)
    },

    poke() {
      store.pokes++
    },

    async fresh() {},

    attach() {
      store.attached++
      return () => {
        store.attached--
      }
    },

    deliver: (name, message) => deliver(name, message),

    remove(name, wanted) {
      const box = boxNamed(name)
      const at = box.rows.findIndex((row) => row.uid === wanted)
      if (at === -1) throw new RangeError(`Cannot remove UID ${wanted}: it is not there`)
      takeOut(box, (row) => row.uid === wanted)
    },

    setFlags(name, wanted, flags) {
      const box = boxNamed(name)
      apply(box, new Set([store.keyOf(name, wanted)]), { mode: 'replace', ...split(flags) })
    },

    keyOf(name, wanted) {
      const row = boxNamed(name).rows.find((one) => one.uid === wanted)
      if (row === undefined) throw new RangeError(`Cannot find UID ${wanted}`)
      return row.key
    },

    uidsOf: (name) => boxNamed(name).rows.map((row) => row.uid),

    flagsOf(name, wanted) {
      const snapshot = snapshotOf(boxNamed(name))
      return flagTable.get(snapshot.flags[snapshot.uids.indexOf(wanted)] ?? -1).text
    },

    forget() {
      for (const key of messages.keys()) unread.add(key)
    },

    addMailbox(mailbox) {
      addMailbox(mailbox)
      for (const message of mailbox.messages ?? []) deliver(mailbox.name, message, false)
    },

    removeMailbox(name) {
      const box = boxNamed(name)
      boxes.delete(name)
      for (const listener of box.listeners) listener('gone')
      renamed()
    },
  }

  for (const mailbox of options.mailboxes) addMailbox(mailbox)
  for (const mailbox of options.mailboxes)
    for (const message of mailbox.messages ?? []) deliver(mailbox.name, message, false)
  return store
}

function split(flags: readonly string[]): { bits: number; keywords: string[] } {
  let bits = 0
  const keywords: string[] = []
  for (const flag of flags) {
    const bit = flagBit(flag)
    if (bit === undefined) keywords.push(flag)
    else bits |= bit
  }
  return { bits, keywords }
}

function changedBits(before: number, { mode, bits }: FlagChange): number {
  if (mode === 'replace') return bits
  return mode === 'add' ? before | bits : before & ~bits
}

function changedKeywords(before: readonly string[], { mode, keywords }: FlagChange): readonly string[] {
  if (mode === 'replace') return keywords.toSorted()
  const wanted = new Set(keywords.map((keyword) => keyword.toLowerCase()))
  const others = before.filter((keyword) => !wanted.has(keyword.toLowerCase()))
  if (mode === 'remove') return others
  const known = new Map(before.map((keyword) => [keyword.toLowerCase(), keyword]))
  return [...others, ...keywords.map((keyword) => known.get(keyword.toLowerCase()) ?? keyword)].sort()
}

/** As coarse as a search engine: every word of the text must be somewhere in the message. */
function fits(message: Message, { field, value }: SearchHint): boolean {
  switch (field) {
    case 'since':
      return message.internalDate >= Number(value)
    case 'before':
      return message.internalDate < Number(value)
    case 'larger':
      return message.bytes.length > Number(value)
    case 'smaller':
      return message.bytes.length < Number(value)
    default: {
      const text = message.bytes.toString('utf8').toLowerCase()
      return value
        .toLowerCase()
        .split(/\W+/)
        .every((word) => text.includes(word))
    }
  }
}

import { FlagBit } from '#mail/flags.ts'
import { labelId, mailboxId, messageId, messageKey, modSeq, threadId, uid } from '#mail/ids.ts'
import type { MailboxId, MessageId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import { formatNumbers } from '#mail/number-set.ts'
import type { AccountStore, Changeset, MailboxRow, MessageRow, SavedRow, Store } from './store.ts'

/** The map cannot be used; the message says which line and why. */
class UidMapError extends Error {
  override readonly name = 'UidMapError'
}

/** What was written or taken up. */
export interface UidMapSum {
  accounts: number
  mailboxes: number
  /** Messages, each once for every mailbox that has it. */
  memberships: number
}

const format = 'postern uid map'
const version = 1
const rowsAtOnce = 1000

/**
 * Which UID is which message, as JSON lines: one for the format, then for each account one, for each of its mailboxes one,
 * and for each message in it `[uid, message id, thread id, flag bits, keywords]`, then what vanished and when they came.
 * Nothing in it is sealed: addresses and keywords are readable, no mail is in it. Throws StoreError.
 */
export async function* exportUids(store: Store): AsyncGenerator<string, UidMapSum> {
  const sum: UidMapSum = { accounts: 0, mailboxes: 0, memberships: 0 }
  yield line({ format, version })
  for (const { id, address } of await store.accounts()) {
    const account = store.account(id)
    yield line({ account: address, modSeq: Math.max(1, (await account.sync()).modSeq) })
    sum.accounts++
    for (const row of await account.mailboxes()) {
      if (row.gone) continue
      const { id: number, labelId: label, uidValidity, uidNext, highestModSeq, whole, subscribed } = row
      yield line({ mailbox: number, label, uidValidity, uidNext, highestModSeq, whole, subscribed })
      sum.mailboxes++
      for await (const text of members(account, number)) {
        sum.memberships++
        yield text
      }
      const vanished = await account.vanished(number, 0 as ModSeq)
      if (vanished.length > 0) yield line({ vanished: formatNumbers(vanished) })
      const { uids, at } = await account.saveDates(number)
      for (let from = 0; from < uids.length; from += rowsAtOnce)
        yield line({
          saved: uids.slice(from, from + rowsAtOnce).map((one, i) => [one, at[from + i] ?? null]),
        })
    }
  }
  return sum
}

async function* members(account: AccountStore, mailbox: MailboxId): AsyncGenerator<string> {
  for (let from = 1; ;) {
    const { uids, keys, bits } = await account.snapshot(mailbox, from, rowsAtOnce)
    const messages = await account.messagesByKey([...keys] as MessageKey[])
    for (const [index, number] of uids.entries()) {
      const row = messages.get(keys[index] as MessageKey)
      if (row === undefined) continue
      const fixed = [number, row.messageId, row.threadId, bits[index]]
      yield line(row.keywords.length === 0 ? fixed : [...fixed, row.keywords])
    }
    const last = uids.at(-1)
    if (last === undefined || uids.length < rowsAtOnce) return
    from = last + 1
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/**
 * Takes a map up into accounts that have no mailboxes yet; makes those that are not there. Afterwards every account compares
 * what it has with Gmail, and nobody's UIDs change. Ended in the middle it has done no harm: what is missing gets new UIDs.
 * Throws UidMapError, StoreError.
 */
export async function importUids(store: Store, lines: AsyncIterable<string>): Promise<UidMapSum> {
  const sum: UidMapSum = { accounts: 0, mailboxes: 0, memberships: 0 }
  let number = 0
  let account: AccountImport | undefined
  for await (const text of lines) {
    number++
    if (text.trim() === '') continue
    try {
      const value = JSON.parse(text) as unknown
      if (number === 1) requireFormat(value)
      else if (Array.isArray(value)) {
        await wanted(account).message(value)
        sum.memberships++
      } else if (has(value, 'account')) {
        await account?.finish()
        account = await AccountImport.open(store, string(value.account), modSeq(integer(value['modSeq'])))
        sum.accounts++
      } else if (has(value, 'mailbox')) {
        await wanted(account).mailbox(mailboxOf(value))
        sum.mailboxes++
      } else if (has(value, 'vanished')) await wanted(account).vanished(string(value.vanished))
      else if (has(value, 'saved')) await wanted(account).saved(value.saved)
      else throw new UidMapError('says nothing that is known')
    } catch (error) {
      if (error instanceof UidMapError || error instanceof RangeError || error instanceof SyntaxError)
        throw new UidMapError(`Line ${number} of the UID map cannot be used: ${error.message}`, {
          cause: error,
        })
      throw error
    }
  }
  if (number === 0) throw new UidMapError('The UID map is empty')
  await account?.finish()
  return sum
}

/** One account as its lines come in, a commit for every so many. */
class AccountImport {
  readonly #store: AccountStore
  readonly #modSeq: ModSeq
  readonly #keys = new Map<MessageId, MessageKey>()
  #nextKey = 1
  #mailbox: MailboxRow | undefined
  #newMessages: MessageRow[] = []
  #join: { mailbox: MailboxId; uid: Uid; key: MessageKey; modSeq: ModSeq }[] = []
  #deleted: { mailbox: MailboxId; uid: Uid; deleted: boolean; modSeq: ModSeq }[] = []

  private constructor(store: AccountStore, highest: ModSeq) {
    this.#store = store
    this.#modSeq = highest
  }

  static async open(store: Store, address: string, highest: ModSeq): Promise<AccountImport> {
    const { id } = await store.addAccount(address)
    const account = store.account(id)
    if ((await account.mailboxes()).length > 0)
      throw new UidMapError(
        'its account has mailboxes already. A map can be taken up before the first sync only: use a new data folder',
      )
    return new AccountImport(account, highest)
  }

  async mailbox(row: MailboxRow): Promise<void> {
    await this.finish()
    this.#mailbox = row
    await this.#commit({ mailboxes: [row] })
  }

  async message(value: readonly unknown[]): Promise<void> {
    const [number, id, thread, bits, keywords = []] = value
    const mailbox = this.#required()
    if (!Array.isArray(keywords)) throw new UidMapError('keywords must be a list')
    const known = messageId(string(id))
    let key = this.#keys.get(known)
    if (key === undefined) {
      key = messageKey(this.#nextKey++)
      this.#keys.set(known, key)
      this.#newMessages.push({
        key,
        messageId: known,
        threadId: threadId(string(thread)),
        bits: integer(bits) & ~FlagBit.deleted,
        keywords: keywords.map(string),
        modSeq: this.#modSeq,
        hydrated: false,
      })
    }
    const place = { mailbox: mailbox.id, uid: below(uid(integer(number)), mailbox), modSeq: this.#modSeq }
    this.#join.push({ ...place, key })
    if ((integer(bits) & FlagBit.deleted) !== 0) this.#deleted.push({ ...place, deleted: true })
    if (this.#join.length >= rowsAtOnce) await this.finish()
  }

  /** Only members can vanish: each is one for a moment. */
  async vanished(ranges: string): Promise<void> {
    await this.finish()
    const mailbox = this.#required()
    let uids: Uid[] = []
    const through = async () => {
      const messages = uids.map((one): MessageRow => ({
        key: messageKey(this.#nextKey++),
        // No message of Gmail's: its own ids begin in this millennium.
        messageId: messageId(one.toString(16)),
        threadId: threadId('1'),
        bits: 0,
        keywords: [],
        modSeq: this.#modSeq,
        hydrated: false,
      }))
      const places = uids.map((one) => ({ mailbox: mailbox.id, uid: one, modSeq: this.#modSeq }))
      await this.#commit({
        newMessages: messages,
        join: places.map((place, index) => ({ ...place, key: (messages[index] as MessageRow).key })),
      })
      await this.#commit({ leave: places, forget: messages.map(({ key }) => key) })
      uids = []
    }
    for (const range of ranges.split(',')) {
      const [, from = '', to = from] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(range) ?? []
      const last = below(uid(Number(to)), mailbox)
      for (let one = uid(Number(from)); one <= last; one = (one + 1) as Uid) {
        uids.push(one)
        if (uids.length === rowsAtOnce) await through()
      }
    }
    if (uids.length > 0) await through()
  }

  /** Maps of older Posterns have no such line: then nobody knows when they came. */
  async saved(value: unknown): Promise<void> {
    await this.finish()
    const mailbox = this.#required()
    if (!Array.isArray(value)) throw new UidMapError('save dates must be a list')
    const rows = value.map((row: unknown): SavedRow => {
      if (!Array.isArray(row)) throw new UidMapError('a save date must be a list')
      const [one, at] = row as unknown[]
      return { mailbox: mailbox.id, uid: uid(integer(one)), at: at === null ? undefined : integer(at) }
    })
    await this.#commit({ saved: rows })
  }

  async finish(): Promise<void> {
    if (this.#join.length === 0) return
    await this.#commit({ newMessages: this.#newMessages, join: this.#join })
    if (this.#deleted.length > 0) await this.#commit({ deleted: this.#deleted })
    this.#newMessages = []
    this.#join = []
    this.#deleted = []
  }

  #commit(changes: Changeset): Promise<void> {
    return this.#store.commit({
      saved: [],
      ...changes,
      sync: { phase: 'expired', modSeq: this.#modSeq, nextKey: messageKey(this.#nextKey) },
    })
  }

  #required(): MailboxRow {
    if (this.#mailbox === undefined) throw new UidMapError('there is no mailbox before it')
    return this.#mailbox
  }
}

function requireFormat(value: unknown): void {
  if (!has(value, 'format') || value.format !== format) throw new UidMapError('this is no UID map of Postern')
  if (value['version'] !== version) throw new UidMapError('it was written by a newer Postern')
}

function mailboxOf(value: Record<string, unknown>): MailboxRow {
  return {
    id: mailboxId(integer(value['mailbox'])),
    labelId: labelId(string(value['label'])),
    uidValidity: uid(integer(value['uidValidity'])),
    uidNext: uid(integer(value['uidNext'])),
    highestModSeq: modSeq(integer(value['highestModSeq'])),
    whole: value['whole'] === true,
    subscribed: value['subscribed'] !== false,
    gone: false,
  }
}

function below(one: Uid, { uidNext }: MailboxRow): Uid {
  if (one >= uidNext) throw new UidMapError(`the UID ${one} was not given yet`)
  return one
}

function wanted(account: AccountImport | undefined): AccountImport {
  if (account === undefined) throw new UidMapError('there is no account before it')
  return account
}

function has<Key extends string>(
  value: unknown,
  key: Key,
): value is Record<Key, unknown> & Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

function string(value: unknown): string {
  if (typeof value !== 'string' || value.length > 1000) throw new UidMapError('a text is missing')
  return value
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new UidMapError('a number is missing')
  return value as number
}

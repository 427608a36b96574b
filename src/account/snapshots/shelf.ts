import type { FlagTable } from '#mail/flags.ts'
import type { MailboxId } from '#mail/ids.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Changeset } from '#store/store.ts'
import type { Book } from '../book.ts'
import type { Entry } from '../entry.ts'
import { loadSnapshot } from './load.ts'
import { reviseSnapshot } from './revise.ts'

type Listener = (event: 'changed' | 'gone') => void

/** A mailbox that is read into memory. */
interface Volume {
  snapshot: MailboxSnapshot
  readonly listeners: Set<Listener>
  readers: number
}

/** A reader's hold on a mailbox. */
export interface Hold {
  snapshot(): MailboxSnapshot
  onChange(listener: Listener): () => void
  close(): void
}

/** Mailboxes that nobody has open any more stay read while they are few and small: clients come back. */
const idleVolumes = 4
const idleMessages = 250_000

/** The snapshots of all open mailboxes, kept up with every commit and shared by all readers. */
export class Shelf {
  readonly #book: Book
  readonly #flagTable: FlagTable
  /** In order of last use, the oldest first. */
  readonly #volumes = new Map<MailboxId, Volume>()
  readonly #stop: () => void

  constructor(book: Book, flagTable: FlagTable) {
    this.#book = book
    this.#flagTable = flagTable
    this.#stop = book.onCommit((entry, changes) => this.#publish(entry, changes))
  }

  /** Undefined for a mailbox that is gone. */
  async open(mailbox: MailboxId): Promise<Hold | undefined> {
    const known = this.#volumes.get(mailbox)
    if (known !== undefined) return this.#hold(mailbox, known)
    return await this.#book.alone(async () => {
      const volume = this.#volumes.get(mailbox) ?? (await this.#load(mailbox))
      return volume === undefined ? undefined : this.#hold(mailbox, volume)
    })
  }

  /** What a mailbox is like after the last commit, where it is in memory. */
  peek(mailbox: MailboxId): MailboxSnapshot | undefined {
    return this.#volumes.get(mailbox)?.snapshot
  }

  hasReaders(mailbox: MailboxId): boolean {
    return (this.#volumes.get(mailbox)?.readers ?? 0) > 0
  }

  async #load(mailbox: MailboxId): Promise<Volume | undefined> {
    const row = this.#book.mailboxes.get(mailbox)
    if (row === undefined || row.gone) return undefined
    const snapshot = await loadSnapshot(this.#book.store, row, this.#flagTable)
    const volume: Volume = { snapshot, listeners: new Set(), readers: 0 }
    this.#volumes.set(mailbox, volume)
    return volume
  }

  close(): void {
    this.#stop()
    this.#volumes.clear()
  }

  #hold(mailbox: MailboxId, volume: Volume): Hold {
    volume.readers++
    this.#touch(mailbox, volume)
    const own = new Set<Listener>()
    let isOpen = true
    return {
      snapshot: () => volume.snapshot,
      onChange(listener) {
        // Each call is a listening of its own, even with the same function.
        const heard: Listener = (event) => listener(event)
        own.add(heard)
        volume.listeners.add(heard)
        return () => {
          own.delete(heard)
          volume.listeners.delete(heard)
        }
      },
      close: () => {
        if (!isOpen) return
        isOpen = false
        for (const listener of own) volume.listeners.delete(listener)
        volume.readers--
        this.#touch(mailbox, volume)
      },
    }
  }

  #touch(mailbox: MailboxId, volume: Volume): void {
    if (this.#volumes.get(mailbox) === volume) {
      this.#volumes.delete(mailbox)
      this.#volumes.set(mailbox, volume)
    }
    let volumes = 0
    let messages = 0
    for (const [id, { readers, snapshot }] of [...this.#volumes].toReversed()) {
      if (readers > 0) continue
      volumes++
      messages += snapshot.uids.length
      if (volumes > idleVolumes || messages > idleMessages) this.#volumes.delete(id)
    }
  }

  #publish(entry: Entry, { mailboxes = [] }: Changeset): void {
    const told: [Volume, 'changed' | 'gone'][] = []
    for (const row of mailboxes) {
      const volume = this.#volumes.get(row.id)
      if (volume === undefined) continue
      if (row.gone || row.uidValidity !== volume.snapshot.uidValidity) {
        this.#volumes.delete(row.id)
        told.push([volume, 'gone'])
        continue
      }
      const change = entry.changes.get(row.id)
      if (change === undefined) continue
      volume.snapshot = reviseSnapshot(volume.snapshot, row, change, this.#flagTable)
      told.push([volume, 'changed'])
    }
    // All are up to date before anybody hears of it.
    for (const [volume, event] of told) for (const listener of volume.listeners) listener(event)
  }
}

import type { FileHandle } from 'node:fs/promises'
import type { AccountId, MessageId } from '#mail/ids.ts'
import type { Log, Seal } from '#mail/surroundings.ts'
import { FolderLayout } from './folder-layout.ts'
import type { Sealed } from './segment.ts'
import { Shelf } from './shelf.ts'
import type { Stretch } from './stretch.ts'

export interface SealedFolderOptions {
  readonly dir: string
  /** All files together are kept below this. */
  readonly maxBytes: number
  readonly seal: Seal
  readonly log: Log
  /** How long nothing is written after the disk refused. */
  readonly retryMs: number
}

interface Task {
  readonly account: AccountId
  /** What is added; undefined for other work. */
  readonly message: Sealed | undefined
  /** Other work. */
  readonly run: (() => Promise<void>) | undefined
  readonly done: () => void
}

/** This much is written at once. */
const batchBytes = 1024 * 1024
/** Who puts more waits. */
const queueBytes = 16 * 1024 * 1024
const fullDisk = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * The part of the cache that is on disk. One writer does what is asked in order. When the disk refuses, there is one
 * warning, nothing is written for `retryMs`, and a full disk gets the oldest segment's room back. Nothing here throws or
 * rejects because of the disk: what cannot be read is not there.
 */
export class SealedFolder {
  readonly #options: SealedFolderOptions
  readonly #layout: FolderLayout
  readonly #shelf: Shelf
  #queue: Task[] = []
  #queuedBytes = 0
  #working: Promise<void> | undefined
  #ready = false
  /** When the disk refused, in milliseconds of the monotonic clock. */
  #refusedAt: number | undefined
  #ended = false

  private constructor(options: SealedFolderOptions) {
    this.#options = options
    this.#layout = new FolderLayout(options.dir, options.seal)
    this.#shelf = new Shelf(this.#layout, options.maxBytes)
  }

  /** Reads the indexes of what is there. What was sealed under another key is removed. */
  static async open(options: SealedFolderOptions): Promise<SealedFolder> {
    const folder = new SealedFolder(options)
    await folder.#prepare().catch((error: unknown) => folder.#refused(error))
    return folder
  }

  has(account: AccountId, id: MessageId): boolean {
    return this.#shelf.has(account, id)
  }

  /** The sealed octets, perhaps damaged; undefined when there are none. */
  read(account: AccountId, id: MessageId): Promise<Buffer | undefined> {
    return this.#shelf.read(account, id)
  }

  /** Those of the messages that are here, for `readStretch`. */
  stretches(account: AccountId, ids: readonly MessageId[]): readonly Stretch[] {
    return this.#shelf.stretches(account, ids)
  }

  /** The sealed octets of all messages of a stretch, in `room`, perhaps damaged or cut. */
  readStretch(stretch: Stretch, room: Buffer): Promise<Buffer> {
    return this.#shelf.readStretch(stretch, room)
  }

  /** The open file in which a stretch lies, while the work lasts; undefined when it is gone. */
  use<T>(stretch: Stretch, work: (data: FileHandle) => Promise<T>): Promise<T> | undefined {
    return this.#shelf.use(stretch.segment, work)
  }

  /** Resolves when it is written or given up. Waits while much else is waiting to be written. */
  async put(account: AccountId, message: Sealed): Promise<void> {
    // One message must not throw out everything else.
    if (message.bytes.length > this.#options.maxBytes / 4) return
    while (this.#queuedBytes > queueBytes) await this.#working
    this.#queuedBytes += message.bytes.length
    await this.#ask(account, message, undefined)
  }

  remove(account: AccountId, ids: readonly MessageId[]): Promise<void> {
    return this.#ask(account, undefined, () => this.#shelf.erase(account, ids))
  }

  removeAccount(account: AccountId): Promise<void> {
    return this.#ask(account, undefined, () => this.#shelf.dropAccount(account))
  }

  /** Whether half of the room is taken. */
  get crowded(): boolean {
    return this.#shelf.sizeBytes > this.#options.maxBytes / 2
  }

  get sizeBytes(): number {
    return this.#shelf.sizeBytes
  }

  get entries(): number {
    return this.#shelf.entries
  }

  /** Does what was asked before and closes all files. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#working
    await this.#shelf.close().catch((error: unknown) => this.#refused(error))
  }

  #ask(account: AccountId, message: Task['message'], run: Task['run']): Promise<void> {
    if (this.#ended) return Promise.resolve()
    return new Promise((done) => {
      this.#queue.push({ account, message, run, done })
      this.#working ??= this.#work()
    })
  }

  async #work(): Promise<void> {
    // `#working` must be set before this ends.
    await Promise.resolve()
    for (let tasks = this.#next(); tasks.length > 0; tasks = this.#next()) {
      const [first] = tasks as [Task]
      try {
        if (first.run !== undefined) await first.run()
        else
          await this.#write(
            first.account,
            tasks.flatMap(({ message }) => message ?? []),
          )
      } catch (error) {
        this.#refused(error)
        if (fullDisk.has((error as NodeJS.ErrnoException).code ?? ''))
          await this.#shelf.dropOldest().catch((again: unknown) => this.#refused(again))
      }
      for (const { done } of tasks) done()
    }
    this.#working = undefined
  }

  /**
   * One task, or several messages of one account that can be written at once: also those that stand behind other
   * accounts' in the queue, since with many accounts neighbours are seldom of the same.
   */
  #next(): Task[] {
    const first = this.#queue.shift()
    if (first === undefined) return []
    const tasks = [first]
    if (first.message !== undefined) {
      const most = Math.min(batchBytes, this.#options.maxBytes / 4)
      let size = first.message.bytes.length
      // Nothing of an account passes by its other work.
      let isFull = false
      const rest = this.#queue.filter((task) => {
        if (isFull || task.account !== first.account) return true
        size += task.message?.bytes.length ?? Infinity
        isFull = size > most
        if (!isFull) tasks.push(task)
        return isFull
      })
      this.#queue = rest
    }
    for (const { message } of tasks) this.#queuedBytes -= message?.bytes.length ?? 0
    return tasks
  }

  async #write(account: AccountId, messages: readonly Sealed[]): Promise<void> {
    if (this.#refusedAt !== undefined && performance.now() - this.#refusedAt < this.#options.retryMs) return
    if (!this.#ready) await this.#prepare()
    await this.#shelf.add(account, messages)
    if (this.#refusedAt !== undefined)
      this.#options.log.info({}, 'The message cache can use its folder again')
    this.#refusedAt = undefined
  }

  async #prepare(): Promise<void> {
    if (!(await this.#layout.isOurs()) && (await this.#layout.startAnew()))
      this.#options.log.warn(
        {},
        'The message cache was made under another key or is damaged: it starts empty',
      )
    await this.#shelf.fill()
    this.#ready = true
  }

  #refused(error: unknown): void {
    const { code } = error as NodeJS.ErrnoException
    if (this.#refusedAt === undefined)
      this.#options.log.warn({ code }, 'The message cache cannot use its folder and goes on in memory')
    this.#refusedAt = performance.now()
  }
}

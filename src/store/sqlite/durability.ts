import { StoreError } from '../store.ts'
import type { WalFile } from './wal-file.ts'

/** Between two attempts to bring to the disk what it did not confirm. */
const defaultRetryMs = 1000

/** What nobody waits for is on its way to the disk after this, with all that came meanwhile. */
const soonMs = 10

/** What it does to the database. Both throw StoreError. */
interface Checkpoints {
  /** Frames that SQLite takes the log to have. */
  frames(): number
  /** Copies the whole log into the database's file, syncs that, and empties the log. */
  complete(): void
}

/**
 * Whether what SQLite has committed is on the disk. After a sync that failed nobody can tell: the operating system may
 * hold for written what is not, and a second sync that succeeds says nothing of the first. So from then on all writes are
 * refused until the log was read back whole and copied anew. docs/decisions/0013-durable-off-the-loop.md.
 */
export class Durability {
  readonly #path: string
  readonly #wal: WalFile | undefined
  readonly #checkpoints: Checkpoints
  readonly #onFault: (fault: StoreError | undefined) => void
  readonly #retryMs: number
  #cause: unknown
  #fault: StoreError | undefined
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #mending: Promise<void> | undefined
  #closed = false

  /** `onFault` is told of the doubt, and with undefined of its end. No `wal`: nothing is ever on a disk. */
  constructor(
    path: string,
    options: {
      wal: WalFile | undefined
      checkpoints: Checkpoints
      onFault: (fault: StoreError | undefined) => void
      retryMs?: number | undefined
    },
  ) {
    this.#path = path
    this.#wal = options.wal
    this.#checkpoints = options.checkpoints
    this.#onFault = options.onFault
    this.#retryMs = options.retryMs ?? defaultRetryMs
  }

  /** Resolves when all that was committed before is on the disk. Throws StoreError `disk`, in doubt. */
  async synced(): Promise<void> {
    try {
      await this.#wal?.sync()
    } catch (cause) {
      this.#doubt(cause)
    }
    if (this.#fault !== undefined) throw this.#error(true)
  }

  /** Brings to the disk before long what was committed; a failure is told as every other. */
  syncSoon(): void {
    if (this.#wal === undefined || this.#closed) return
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.synced().catch(() => undefined)
    }, soonMs).unref()
  }

  /** Throws StoreError `disk` while it is not known what the disk has. */
  assertSure(): void {
    if (this.#fault !== undefined) throw this.#error(false)
  }

  /** Mends no more; resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
    await this.#mending
  }

  /** Call after `end`, or when nothing was ever waited for. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
    this.#wal?.close()
  }

  #doubt(cause: unknown): void {
    if (this.#fault !== undefined) return
    this.#cause = cause
    this.#fault = this.#error(true)
    this.#onFault(this.#fault)
    this.#mendLater()
  }

  #mendLater(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#mending = this.#mend()
    }, this.#retryMs)
    this.#timer.unref()
  }

  async #mend(): Promise<void> {
    try {
      await this.#wal?.sync()
      const frames = this.#checkpoints.frames()
      const whole = (await this.#wal?.wholeFrames()) ?? frames
      // Some file systems give back what was there before the write that failed.
      if (whole < frames) return this.#lose()
      this.#checkpoints.complete()
    } catch {
      return this.#mendLater()
    }
    this.#fault = undefined
    this.#onFault(undefined)
  }

  /** Not even the operating system has it: only a start, which goes by the sums, finds what there is. */
  #lose(): void {
    this.#fault = new StoreError(
      'disk',
      `The disk of ${this.#path} has lost what was written last. Check the disk; then start Postern anew.`,
      { cause: this.#cause },
    )
    this.#onFault(this.#fault)
  }

  #error(inDoubt: boolean): StoreError {
    const text =
      this.#fault?.message ??
      `The disk did not confirm what was written to ${this.#path}. Check the disk; Postern goes on by itself when it does.`
    return new StoreError('disk', text, { cause: this.#cause, inDoubt })
  }
}

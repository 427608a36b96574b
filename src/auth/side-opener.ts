import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { OpenedRun, SealedRun, SideOpener } from '#mail/side-opener.ts'
import type { Log } from '#mail/surroundings.ts'
import type { Question } from './side-opening.ts'

export interface SideOpenerOptions {
  /** As for `createSeal`. */
  readonly key: Uint8Array
  readonly log: Log
  /** How long the thread stays without work; 10 s. It takes some ten megabytes. */
  readonly idleMs?: number
  /** How long none is begun after one failed; a minute. */
  readonly retryMs?: number
  /** Of the machine: where there is one, a thread would only be in the way. */
  readonly processors?: number
  /** Its code. */
  readonly module?: URL
}

/** With an end. */
export interface ClosableSideOpener extends SideOpener {
  /** Whether there is a thread. */
  readonly running: boolean
  /** Ends the thread; what it was asked resolves with undefined. */
  close(): Promise<void>
}

const code = new URL('side-opening.ts', import.meta.url)
/** Enough for some runs and what reads them. */
const limits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 }

/** Begins a thread when it is first asked, which takes some 30 ms, and ends it when nobody asks any more. */
export function createSideOpener(options: SideOpenerOptions): ClosableSideOpener {
  const {
    key,
    log,
    idleMs = 10_000,
    retryMs = 60_000,
    processors = availableParallelism(),
    module = code,
  } = options
  let thread: Thread | undefined
  let failedAt = -Infinity
  let closed = false

  function begin(): Thread | undefined {
    if (closed || processors < 2 || performance.now() - failedAt < retryMs) return undefined
    const begun = new Thread(module, key, idleMs, (error) => {
      if (thread === begun) thread = undefined
      if (error === undefined) return
      failedAt = performance.now()
      log.warn({ error: error.message }, 'The thread that opens messages failed: they are opened without it')
    })
    return begun
  }

  return {
    get running() {
      return thread !== undefined
    },

    open(run, memory) {
      thread ??= begin()
      return thread?.open(run, memory)
    },

    async close() {
      closed = true
      await thread?.end()
    },
  }
}

type Answer = OpenedRun | 'ready'

/** One life of the thread. */
class Thread {
  readonly #worker: Worker
  readonly #idleMs: number
  readonly #waiting: ((opened: OpenedRun | undefined) => void)[] = []
  #ready = false
  #idle: NodeJS.Timeout | undefined

  /** `ended` is called once, with what it failed of. */
  constructor(module: URL, key: Uint8Array, idleMs: number, ended: (error: Error | undefined) => void) {
    this.#idleMs = idleMs
    const compiled = getCompileCacheDir()
    this.#worker = new Worker(module, {
      workerData: { key },
      resourceLimits: limits,
      // Neither what was loaded into this process for other purposes, nor its secrets.
      execArgv: [],
      env: compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) },
    })
    let failed: Error | undefined
    this.#worker.on('message', (answer: Answer) => this.#answered(answer))
    this.#worker.on('error', (error) => {
      failed = error instanceof Error ? error : new Error('It threw something')
    })
    this.#worker.once('exit', () => {
      clearTimeout(this.#idle)
      this.#ready = false
      ended(failed)
      for (const resolve of this.#waiting.splice(0)) resolve(undefined)
    })
    this.#worker.unref()
  }

  open(run: SealedRun, memory: ArrayBuffer): Promise<OpenedRun | undefined> | undefined {
    if (!this.#ready) return undefined
    const { promise, resolve } = Promise.withResolvers<OpenedRun | undefined>()
    this.#worker.postMessage({ ...run, memory } satisfies Question, [memory])
    this.#waiting.push(resolve)
    return promise
  }

  async end(): Promise<void> {
    this.#ready = false
    await this.#worker.terminate()
  }

  #answered(answer: Answer): void {
    if (answer !== 'ready') {
      this.#waiting.shift()?.(answer)
      this.#idle?.refresh()
      return
    }
    this.#ready = true
    this.#rest()
  }

  #rest(): void {
    this.#idle = setTimeout(() => {
      if (this.#waiting.length > 0) this.#idle?.refresh()
      else void this.end()
    }, this.#idleMs).unref()
  }
}

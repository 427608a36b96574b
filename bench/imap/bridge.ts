import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startPostern, type Ready, type Running } from '#test/postern.ts'
import { figures } from '#test/operations/figures.ts'
import type { Peer } from './peer.ts'

const probe = import.meta.resolve('../probe.ts')

/** How long the event loop was held at most, was busy in all, and what the process took of processors. */
export interface Held {
  readonly longestMs: number
  readonly busyMs: number
  readonly cpuMs: number
}

/** Postern as a process of its own, Gmail in another one, with a probe inside. */
export class Bridge {
  readonly peer: Peer
  readonly ready: Ready
  readonly #running: Running
  readonly #probe: string

  private constructor(running: Running, account: Peer['account'], port: string) {
    this.#running = running
    this.#probe = `http://127.0.0.1:${port}`
    this.ready = running.ready
    const { imap, imaps, pid } = running.ready
    this.peer = { name: 'Postern', imap, imaps, account, pid, awayMs: () => this.#awayMs() }
  }

  static async start(
    dir: string,
    account: Peer['account'],
    environment: Record<string, string>,
  ): Promise<Bridge> {
    const file = join(dir, 'probe')
    rmSync(file, { force: true })
    const running = await startPostern(['serve'], {
      ...environment,
      NODE_OPTIONS: `--import=${probe}`,
      POSTERN_BENCH_PROBE: file,
    })
    return new Bridge(running, account, readFileSync(file, 'utf8'))
  }

  /** Collects garbage, wholly. */
  async collect(): Promise<void> {
    await this.#ask('collect')
  }

  /** Does the work and tells how it held the event loop. */
  async held(work: () => Promise<unknown>): Promise<Held> {
    await this.#ask('begin')
    await work()
    return (await this.#ask('end')) as Held
  }

  async stop(): Promise<void> {
    await this.#running.stop()
  }

  /** History is what it looks at by itself. */
  async #awayMs(): Promise<number> {
    let seconds = 0
    for (const [series, value] of await figures(this.ready))
      if (series.startsWith('postern_gmail_request_seconds_sum{') && !series.includes('"history.list"'))
        seconds += value
    return seconds * 1000
  }

  async #ask(what: string): Promise<unknown> {
    return await (await fetch(`${this.#probe}/${what}`)).json()
  }
}

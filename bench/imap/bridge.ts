import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostern, type Running } from '#test/postern.ts'
import { figures, total } from '#test/operations/figures.ts'
import type { HotSpot } from '../hot-spots.ts'
import type { Peer } from './peer.ts'

const probe = import.meta.resolve('../probe.ts')

/** How long the event loop was held at most, was busy in all, and what the process took of processors. */
export interface Held {
  readonly longestMs: number
  /** The longest without waiting for a disk or for a processor that others use. */
  readonly longestCpuMs: number
  readonly busyMs: number
  readonly cpuMs: number
}

/** Postern as a process of its own, Gmail in another one, with a probe inside. */
export class Bridge {
  /** Stays the same when it is restarted, at other ports. */
  readonly peer: Peer
  readonly #begin: () => Promise<{ running: Running; probe: string }>
  #running: Running
  #probe: string

  private constructor(
    account: Peer['account'],
    begin: () => Promise<{ running: Running; probe: string }>,
    begun: { running: Running; probe: string },
  ) {
    this.#begin = begin
    this.#running = begun.running
    this.#probe = begun.probe
    const ready = () => this.#running.ready
    this.peer = {
      name: 'Postern',
      account,
      get imap() {
        return ready().imap
      },
      get imaps() {
        return ready().imaps
      },
      get pid() {
        return ready().pid
      },
      awayMs: () => this.#awayMs(),
      calm: () => this.#calm(),
    }
  }

  static async start(
    dir: string,
    account: Peer['account'],
    environment: Record<string, string>,
  ): Promise<Bridge> {
    const file = join(dir, 'probe')
    const begin = async () => {
      rmSync(file, { force: true })
      const running = await startPostern(['serve'], {
        ...environment,
        NODE_OPTIONS: `--import=${probe}`,
        POSTERN_BENCH_PROBE: file,
      })
      return { running, probe: `http://127.0.0.1:${readFileSync(file, 'utf8')}` }
    }
    return new Bridge(account, begin, await begin())
  }

  /** Ends it and begins a new process, which has nothing in memory. */
  async restart(): Promise<void> {
    await this.#running.stop()
    const { running, probe: address } = await this.#begin()
    this.#running = running
    this.#probe = address
  }

  /** Collects garbage, wholly; octets of what is still in use. */
  async collect(): Promise<number> {
    return ((await this.#ask('collect')) as { liveBytes: number }).liveBytes
  }

  /** Does the work and tells how it held the event loop. */
  async held(work: () => Promise<unknown>): Promise<Held> {
    await this.#ask('begin')
    await work()
    return (await this.#ask('end')) as Held
  }

  /** Does the work and tells where the process spent its time; nothing when it was restarted meanwhile. */
  async profiled(work: () => Promise<unknown>): Promise<HotSpot[]> {
    await this.#ask('profile')
    await work()
    return (await this.#ask('profiled')) as HotSpot[]
  }

  async stop(): Promise<void> {
    await this.#running.stop()
  }

  /** History is what it looks at by itself. */
  async #awayMs(): Promise<number> {
    let seconds = 0
    for (const [series, value] of await figures(this.#running.ready))
      if (series.startsWith('postern_gmail_request_seconds_sum{') && !series.includes('"history.list"'))
        seconds += value
    return seconds * 1000
  }

  /** Longer than it takes from one page of history to the next, and than flags are owed to Starred. */
  async #calm(): Promise<void> {
    for (let before = -1; ;) {
      const pages = total(
        await figures(this.#running.ready),
        'postern_gmail_request_seconds_count',
        '"history.list"',
      )
      if (pages === before) return
      before = pages
      await sleep(300)
    }
  }

  async #ask(what: string): Promise<unknown> {
    return await (await fetch(`${this.#probe}/${what}`)).json()
  }
}

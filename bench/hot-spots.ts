import { Session } from 'node:inspector/promises'
import { basename, dirname } from 'node:path'

/** A function and its share of the time in which the process was not idle. */
export interface HotSpot {
  readonly where: string
  readonly share: number
}

const intervalMicroseconds = 500
const told = Number(process.env['TOLD'] ?? 12)
/** Nothing to do, and the beginning and end of the profile itself. */
const notOurs = new Set(['(idle)', 'post'])

/** Watches where this process spends its time; none before `start`. */
export class Profile {
  readonly #session = new Session()
  #running = false

  async start(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Profiler.setSamplingInterval', { interval: intervalMicroseconds })
    await this.#session.post('Profiler.start')
    this.#running = true
  }

  /** The functions that took most by themselves, most first; what they call counts for the called. */
  async stop(): Promise<HotSpot[]> {
    if (!this.#running) return []
    this.#running = false
    const { profile } = await this.#session.post('Profiler.stop')
    this.#session.disconnect()
    const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
    const times = new Map<string, number>()
    let sum = 0
    for (const [at, id] of (profile.samples ?? []).entries()) {
      const name = names.get(id) ?? ''
      if (notOurs.has(name)) continue
      const took = profile.timeDeltas?.[at] ?? 0
      times.set(name, (times.get(name) ?? 0) + took)
      sum += took
    }
    return [...times]
      .map(([where, took]) => ({ where, share: took / sum }))
      .toSorted((a, b) => b.share - a.share)
      .slice(0, told)
  }
}

function nameOf(frame: { functionName: string; url: string; lineNumber: number }): string {
  const { functionName, url, lineNumber } = frame
  if (url === '' || url.startsWith('node:inspector')) return functionName
  return `${basename(dirname(url))}/${basename(url)}:${lineNumber + 1} ${functionName || '(a function without name)'}`
}

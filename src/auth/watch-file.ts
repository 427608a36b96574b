import { statSync, watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Clock, Log } from '#mail/surroundings.ts'

/** An editor writes in several steps; the file is read when it has been quiet for this long. */
const settleMs = 200
/** Network shares, containers and links that are swapped (Kubernetes) give no events: look as well. */
const pollMs = 15_000

/**
 * Calls back after the file's content may have changed, one call at a time, until the signal is aborted. What the callback
 * throws is logged: a wrong file leaves everything as it was. Resolves when it has stopped. It watches from the call on:
 * call it before the file is read for the first time, and no change is missed in between.
 */
export async function watchFile(options: {
  path: string
  signal: AbortSignal
  clock: Clock
  log: Log
  onChange: () => Promise<void>
  pollEveryMs?: number
}): Promise<void> {
  const { path, signal, clock, log, onChange, pollEveryMs = pollMs } = options
  const wake = new Wake()
  const watcher = openWatcher(path, log, () => wake.ring())
  let last = signOf(path)
  try {
    while (!signal.aborted) {
      const rung = await wake.wait(clock, pollEveryMs, signal)
      if (rung) await clock.sleep(settleMs, signal)
      wake.silence()
      const now = signOf(path)
      if (now === last) continue
      last = now
      await onChange().catch((err: unknown) => {
        log.error({ err }, 'the changed file cannot be used; what was read before stays')
      })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    watcher?.close()
  }
}

/** The folder is watched, since editors replace the file and a watch on it would see the old one only. */
function openWatcher(path: string, log: Log, onEvent: () => void) {
  const name = basename(path)
  try {
    const watcher = watch(dirname(resolve(path)), (_event, changed) => {
      if (changed === null || changed === name) onEvent()
    })
    watcher.on('error', (err) => {
      log.debug({ err }, 'the watch of a folder ended; looking now and then goes on')
      watcher.close()
    })
    return watcher
  } catch (err) {
    log.debug({ err }, 'a folder cannot be watched; looking now and then instead')
    return undefined
  }
}

/** Changes whenever the file does: another inode, size or time of change. */
function signOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch {
    return 'none'
  }
}

/** A bell that is heard once. */
class Wake {
  #rung = false
  #heard: AbortController | undefined

  ring(): void {
    this.#rung = true
    this.#heard?.abort()
  }

  silence(): void {
    this.#rung = false
  }

  /** True when the bell rang, false when the time was over. Rejects when the signal is aborted. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#rung) return true
    const heard = new AbortController()
    this.#heard = heard
    try {
      await clock.sleep(ms, AbortSignal.any([signal, heard.signal]))
    } catch (error) {
      if (!heard.signal.aborted || signal.aborted) throw error
    } finally {
      this.#heard = undefined
    }
    return this.#rung
  }
}

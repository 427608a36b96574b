import type { Clock } from '#mail/surroundings.ts'

/**
 * Runs `work` with a signal that is aborted after `ms` as well as by `signal`. Resolves with `undefined` when the time is
 * over first; rejects as `work` does, and with the signal's reason when that is aborted.
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const limit = new AbortController()
  const limited = AbortSignal.any([signal, limit.signal])
  const timeIsOver = clock.sleep(ms, limited).then(
    () => undefined,
    () => undefined,
  )
  try {
    const result = await Promise.race([work(limited), timeIsOver])
    signal.throwIfAborted()
    return result
  } finally {
    limit.abort(new Error('The time is over'))
  }
}

import type { Authenticated } from './command.ts'

/** Who asks wants to know now; but not longer than a person would wait. */
const freshWithinMs = 2_000

/** Has news looked for; waits for it when what is known is older than a poll. What is new is told as after any command. */
export async function refresh({
  mailstore,
  clock,
  signal,
}: Pick<Authenticated, 'mailstore' | 'clock' | 'signal'>): Promise<undefined> {
  mailstore.poke()
  if (mailstore.isFresh === true) return undefined
  const enough = new AbortController()
  const limit = AbortSignal.any([enough.signal, signal])
  await Promise.race([mailstore.fresh(limit), clock.sleep(freshWithinMs, limit).catch(() => {})])
  enough.abort()
  return undefined
}

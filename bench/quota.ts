import type { Options } from './options.ts'
import { holds, print } from './quota/job.ts'
import { reads, unitsPerMessage } from './quota/reads.ts'
import { writes } from './quota/writes.ts'

const parts = { reads, writes }

/**
 * Prints what each job costs at Gmail (the simulator's own ledger) beside the formulas of facts/performance.md section A.
 * Options: `--messages=1000 --only=reads,writes`. Exits with 1 when a job costs more than its formula and 5%.
 */
export async function quota(options: Options): Promise<void> {
  const only = options.words('only')
  let dear = 0
  for (const [name, part] of Object.entries(parts)) {
    if (only?.includes(name) === false) continue
    for await (const job of part(options.number('messages', 1000))) {
      print(job)
      if (!holds(job)) dear++
    }
  }
  for (const count of [10_000, 100_000])
    console.log(
      `reading ${count} messages ahead at 6000 units a minute: ${((count * unitsPerMessage) / 6000).toFixed(0)} minutes`,
    )
  if (dear > 0) process.exitCode = 1
}

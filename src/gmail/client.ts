import { createDrafts } from './drafts.ts'
import { createEngine } from './engine.ts'
import type { GmailOptions } from './engine.ts'
import type { Gmail } from './gmail.ts'
import { createReading } from './reading.ts'
import { createWatching } from './watching.ts'
import { createWriting } from './writing.ts'

export type { GmailOptions } from './engine.ts'

/** One account's Gmail. Throws TypeError or RangeError for options that make no sense. */
export function createGmail(options: GmailOptions): Gmail {
  const engine = createEngine(options)
  return {
    ...createReading(engine),
    ...createWriting(engine),
    ...createDrafts(engine),
    ...createWatching(engine),
    budget: () => engine.budget(),
    ledger: () => engine.ledger(),
  }
}

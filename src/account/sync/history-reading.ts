import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import { foldHistory } from './history-fold.ts'
import type { Effects } from './history-fold.ts'

/** A history longer than this costs more than listing again: 100,000 records, 400 units. */
const pageLimit = 200

export interface Stretch {
  readonly effects: Effects
  /** The history id of the present. */
  readonly historyId: bigint
}

/** Reads all history since `start`, on top of `effects`; `lost` when Gmail has forgotten it or it is too long. Nothing new costs 2 units. */
export async function readHistory(
  gmail: Gmail,
  start: bigint,
  effects: Effects,
  signal: AbortSignal,
): Promise<Stretch | 'lost'> {
  let token: string | undefined
  for (let pages = 0; pages < pageLimit; pages++) {
    let page
    try {
      page = await gmail.history(start, token, { lane: 'sync', cause: 'poll', signal })
    } catch (error) {
      // That an id which is worth nothing is a 404, and no 400, is only what Google does (fact sheet section 2.10).
      const isLost =
        error instanceof GmailError &&
        (error.kind === 'history-expired' || (error.kind === 'invalid' && token === undefined))
      if (isLost) return 'lost'
      throw error
    }
    foldHistory(effects, page.events)
    token = page.nextPageToken
    // The id of a page with a successor must not be kept. Fact sheet section 2.10.
    if (token === undefined) return { effects, historyId: page.historyId }
  }
  return 'lost'
}

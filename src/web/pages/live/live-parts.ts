import { createHash } from 'node:crypto'
import type { ConnectedClient } from '#mail/connected-client.ts'
import type { AccountState, CacheState, Trouble } from '../../house.ts'
import type { Html } from '../../html.ts'
import { accountPart } from './account-part.ts'
import { cachePart } from './cache-part.ts'
import { clientsPart } from './clients-part.ts'
import { newsPart } from './news-part.ts'
import { troublesPart } from './troubles-part.ts'
import { usagePart } from './usage-part.ts'

/** What the overview shows and goes on showing as it changes. */
export interface LiveState {
  readonly accounts: readonly AccountState[]
  readonly clients: readonly ConnectedClient[] | undefined
  /** Units by minute, oldest first. */
  readonly usage: readonly number[] | undefined
  /** Units that may be spent in a minute. */
  readonly allowedUnits: number | undefined
  readonly cache: CacheState | undefined
  readonly troubles: readonly Trouble[] | undefined
}

/** By the id of the element that holds each. */
export function liveParts(state: LiveState): ReadonlyMap<string, Html> {
  const { clients, usage, allowedUnits, cache, troubles } = state
  const parts = new Map(state.accounts.map((account, index) => [`account-${index}`, accountPart(account)]))
  parts.set('live-news', newsPart(state))
  if (clients !== undefined) parts.set('live-clients', clientsPart(clients))
  if (usage !== undefined) parts.set('live-usage', usagePart(usage, allowedUnits))
  if (cache !== undefined) parts.set('live-cache', cachePart(cache))
  if (troubles !== undefined) parts.set('live-troubles', troublesPart(troubles))
  return parts
}

/** When this differs the page is made anew: accounts came, went, ended, or permit something else. */
export function shapeOf({ accounts, troubles = [] }: LiveState): string {
  const shape: unknown[] = accounts.map(({ address, alert, access }) => [
    address,
    alert ?? null,
    access ?? null,
  ])
  // Before anything is connected there is no room for them until they come.
  if (accounts.length === 0) shape.push(troubles.length > 0)
  return createHash('sha256').update(JSON.stringify(shape)).digest('base64url').slice(0, 16)
}

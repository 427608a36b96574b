import type { Guests } from '#auth/guests.ts'
import { MailError } from '#mail/errors.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { AccountRow, Store } from '#store/store.ts'
import type { AccountBook } from './account-book.ts'

const usual = { most: 500, idleMs: 30 * 60_000 }
const longestSweepMs = 60_000
const shortestSweepMs = 500
/** Between a login and the first thing it does. */
const settlingMs = 1_000

/** Accounts that work only while somebody is connected to them, or was a while ago: those that a pattern let in. */
export interface GuestHouse {
  /**
   * The mail of an account that somebody logs in to; a guest at rest is set to work. Throws MailError when too many are at
   * work, RangeError for an account that is not at work and no guest, StoreError.
   */
  enter(id: AccountId): Promise<Mailstore>
  /** The outgoing mail of somebody who was let in, even when the account is put to rest meanwhile. */
  outboxOf(address: string): Outbox
  close(): Promise<void>
}

export function createGuestHouse(options: {
  accounts: AccountBook
  guests: Pick<Guests, 'isGuest' | 'renew' | 'patternOf'>
  store: Pick<Store, 'accounts'>
  clock: Clock
  log: Log
}): GuestHouse {
  const { accounts, guests, store, clock, log } = options
  const usedAt = new Map<AccountId, { readonly row: AccountRow; at: number }>()
  const ending = new AbortController()
  let turn: Promise<unknown> = Promise.resolve()
  let sweeping: Promise<void> | undefined

  const limitsOf = (row: AccountRow) => guests.patternOf(row.address) ?? usual

  /** When it was last seen in use, of those that are not in use now; undefined for the others. */
  function idleSince(id: AccountId): number | undefined {
    const used = usedAt.get(id)
    if (used === undefined || !accounts.isAtWork(id)) return undefined
    if (!accounts.isInUse(id)) return used.at
    used.at = clock.monotonicMs()
    return undefined
  }

  async function rest(id: AccountId): Promise<void> {
    usedAt.delete(id)
    await accounts.rest(id)
    log.info({ account: id }, 'nobody is connected: the account rests')
  }

  async function makeRoom(row: AccountRow): Promise<void> {
    const { most } = limitsOf(row)
    const atWork = [...usedAt].filter(
      ([id, used]) => accounts.isAtWork(id) && domainOf(used.row) === domainOf(row),
    )
    if (atWork.length < most) return
    const now = clock.monotonicMs()
    const [longest] = atWork
      .flatMap(([id]) => ({ id, since: idleSince(id) ?? now }))
      .toSorted((one, other) => one.since - other.since)
    if (longest === undefined || now - longest.since < settlingMs)
      throw new MailError(
        'unavailable',
        'Too many accounts of this domain are in use at once. Try again later',
      )
    await rest(longest.id)
  }

  /** One after another, so that no two take the last place. */
  function setToWork(row: AccountRow): Promise<void> {
    const next = turn.then(() => begin(row))
    turn = next.catch(() => undefined)
    return next
  }

  async function begin(row: AccountRow): Promise<void> {
    if (!accounts.isAtWork(row.id)) {
      await makeRoom(row)
      await accounts.open(row)
    }
    usedAt.set(row.id, { row, at: clock.monotonicMs() })
    sweeping ??= sweep()
  }

  async function sweep(): Promise<void> {
    while (!ending.signal.aborted) {
      const shortest = Math.min(...[...usedAt.values()].map(({ row }) => limitsOf(row).idleMs))
      const pauseMs = Math.max(shortestSweepMs, Math.min(longestSweepMs, shortest / 4))
      try {
        await clock.sleep(pauseMs, ending.signal)
      } catch {
        return
      }
      turn = turn
        .then(restIdle)
        .catch((err: unknown) => log.error({ err }, 'an account could not be put to rest'))
      await turn
    }
  }

  async function restIdle(): Promise<void> {
    for (const [id, { row }] of usedAt) {
      if (!accounts.isAtWork(id)) usedAt.delete(id)
      const since = idleSince(id)
      if (since !== undefined && clock.monotonicMs() - since >= limitsOf(row).idleMs) await rest(id)
    }
  }

  async function enter(id: AccountId): Promise<Mailstore> {
    if (await guests.isGuest(id)) {
      const row = (await store.accounts()).find((one) => one.id === id)
      if (row === undefined) throw new RangeError(`Account ${id} is gone`)
      await guests.renew(row)
      await setToWork(row)
    }
    return accounts.mailstoreOf(id)
  }

  async function awake(address: string): Promise<Outbox> {
    if (accounts.find(address) === undefined) {
      const row = (await store.accounts()).find((one) => one.address === address)
      if (row !== undefined) await enter(row.id)
    }
    return accounts.outboxOf(address)
  }

  return {
    enter,
    outboxOf: (address) => ({
      senders: async (signal) => (await awake(address)).senders(signal),
      submit: async (submission, signal) => (await awake(address)).submit(submission, signal),
    }),
    async close() {
      ending.abort()
      await sweeping
      await turn
    },
  }
}

function domainOf({ address }: AccountRow): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

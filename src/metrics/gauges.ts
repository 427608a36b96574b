import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { registerPushGauges } from './push-gauges.ts'
import { Totals } from './totals.ts'
import type { AccountFigures, Sources } from './sources.ts'

const phases = ['unsynced', 'listing', 'catching-up', 'live', 'expired']
const everybody = 'all'

/**
 * Figures that are asked for when somebody looks. Without `perAccount` they stand for all accounts together: sums, the
 * smallest budget, the oldest sync.
 */
export function registerGauges(register: Registry, sources: Sources, perAccount: boolean): void {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `postern_${name}`, help, labelNames, registers: [register] })
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name: `postern_${name}`, help, labelNames, registers: [register] })

  const accounts = gauge('accounts', 'Accounts by the phase of their sync', ['phase'])
  const broken = gauge('accounts_broken', 'Accounts that somebody must connect again')
  const messages = gauge('messages', 'Messages that are known', ['account'])
  const left = gauge('hydration_left_messages', 'Messages that were not read yet', ['account'])
  const eta = gauge('hydration_eta_seconds', 'How long reading the rest takes', ['account'])
  const age = gauge(
    'sync_age_seconds',
    'Since Gmail last told the present (sync lag, age of the history id)',
    ['account'],
  )
  const available = gauge('gmail_budget_available_units', 'Quota units that can be spent now', ['account'])
  const perMinute = gauge('gmail_budget_units_per_minute', 'Quota units a minute', ['account'])
  const waiting = gauge('gmail_calls_waiting', 'Calls that wait for their turn', ['account', 'lane'])
  const inFlight = gauge('gmail_calls_in_flight', 'Requests that Gmail has not answered yet', ['account'])
  const held = gauge('gmail_held_seconds', 'How long Gmail still holds us back after a refusal', ['account'])

  collecting(accounts, () => {
    const all = sources.accounts()
    for (const phase of phases) accounts.set({ phase }, all.filter((one) => one.phase === phase).length)
    broken.set(all.filter((one) => one.broken).length)
    for (const one of [messages, left, eta, age, available, perMinute, waiting, inFlight, held]) one.reset()
    for (const [account, members] of groups(all, perAccount)) {
      messages.set(
        { account },
        sum(members, (one) => one.messages),
      )
      left.set(
        { account },
        sum(members, (one) => one.messages - one.hydrated),
      )
      eta.set({ account }, most(members, (one) => one.etaMs) / 1000)
      if (members.some(({ syncAgeMs }) => syncAgeMs !== undefined))
        age.set({ account }, most(members, (one) => one.syncAgeMs ?? 0) / 1000)
      available.set({ account }, Math.min(...members.map(({ budget }) => budget.availableUnits)))
      perMinute.set({ account }, Math.min(...members.map(({ budget }) => budget.unitsPerMinute)))
      inFlight.set(
        { account },
        sum(members, ({ budget }) => budget.inFlight),
      )
      held.set({ account }, most(members, ({ budget }) => budget.heldMs) / 1000)
      for (const lane of Object.keys(members[0]?.budget.waiting ?? {}))
        waiting.set(
          { account, lane },
          sum(members, ({ budget }) => budget.waiting[lane] ?? 0),
        )
    }
  })

  const spent = ['account', 'class', 'method', 'cause']
  const units = counter(
    'gmail_units_total',
    'Quota units spent by method, class of account (its kind of grant) and cause',
    spent,
  )
  const calls = counter('gmail_calls_total', 'Requests to Gmail by method, class of account and cause', spent)
  const ledger = new Totals()
  collecting(units, () => {
    units.reset()
    calls.reset()
    for (const one of sources.accounts()) for (const line of one.spending) ledger.note(one, line)
    for (const { number, class: kind, method, cause, ...total } of ledger.lines()) {
      const labels = { account: perAccount ? String(number) : everybody, class: kind, method, cause }
      units.inc(labels, total.units)
      calls.inc(labels, total.calls)
    }
  })

  registerPushGauges(register, () => sources.push())
  const sessions = gauge('sessions', 'Clients that are connected', ['protocol'])
  collecting(sessions, () => {
    for (const [protocol, count] of Object.entries(sources.sessions())) sessions.set({ protocol }, count)
  })

  const hits = counter('cache_requests_total', 'Messages asked of the cache by result', ['result'])
  const cacheBytes = gauge('cache_bytes', 'Room that cached messages take', ['where'])
  const entries = gauge('cache_messages', 'Cached messages on disk')
  collecting(hits, () => {
    const cache = sources.cache()
    hits.reset()
    hits.inc({ result: 'hit' }, cache.hits)
    hits.inc({ result: 'miss' }, cache.misses)
    cacheBytes.set({ where: 'memory' }, cache.memoryBytes)
    cacheBytes.set({ where: 'disk' }, cache.diskBytes)
    entries.set(cache.entries)
  })

  const storeBytes = gauge('store_bytes', 'Size of the index on disk')
  const writable = gauge('store_writable', '1 while the store takes changes, 0 while its disk refuses them')
  const freeBytes = gauge('data_free_bytes', 'Room left on the disk of the data folder')
  // Metrics are asked one after another but do not wait for each other: each asks for itself.
  collecting(storeBytes, async () => storeBytes.set((await sources.disk()).storeBytes))
  collecting(writable, async () => writable.set((await sources.storeWritable()) ? 1 : 0))
  collecting(freeBytes, async () => freeBytes.set((await sources.disk()).freeBytes))
}

/** prom-client asks metrics in the order in which they were made: `first` sets those after it, too. */
function collecting<M extends Gauge | Counter>(first: M, collect: () => void | Promise<void>): M {
  return Object.assign(first, { collect })
}

function groups(all: readonly AccountFigures[], perAccount: boolean): [string, readonly AccountFigures[]][] {
  if (perAccount) return all.map((one) => [String(one.number), [one]])
  return all.length === 0 ? [] : [[everybody, all]]
}

function sum(all: readonly AccountFigures[], figure: (one: AccountFigures) => number): number {
  return all.reduce((total, one) => total + figure(one), 0)
}

function most(all: readonly AccountFigures[], figure: (one: AccountFigures) => number): number {
  return all.reduce((found, one) => Math.max(found, figure(one)), 0)
}

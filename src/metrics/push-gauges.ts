import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { PushFigures } from './sources.ts'

/** What comes through Pub/Sub; nothing where that is off. */
export function registerPushGauges(register: Registry, figures: () => PushFigures | undefined): void {
  if (figures() === undefined) return
  const registers = [register]
  const told = new Gauge({
    name: 'postern_push_accounts',
    help: 'Accounts whose notices of Pub/Sub are known to arrive',
    registers,
  })
  const age = new Gauge({
    name: 'postern_push_notice_age_seconds',
    help: 'Since the last notice of Pub/Sub',
    registers,
  })
  const failures = new Counter({
    name: 'postern_push_failures_total',
    help: 'Pulls of the Pub/Sub subscription that came to nothing',
    registers,
  })
  const notices = new Counter({
    name: 'postern_push_notices_total',
    help: 'Notices of Pub/Sub by result: asked (Gmail was asked for the news), known, nobody (of no account here)',
    labelNames: ['result'],
    registers,
  })
  // Asked first of them, it sets the others: prom-client asks in the order in which they were made.
  Object.assign(told, {
    collect() {
      const now = figures()
      if (now === undefined) return
      told.set(now.told)
      if (now.ageMs !== undefined) age.set(now.ageMs / 1000)
      failures.reset()
      failures.inc(now.failures)
      notices.reset()
      for (const [result, count] of Object.entries(now.notices)) notices.inc({ result }, count)
    },
  })
}

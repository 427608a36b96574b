import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { imapDialog, oneAccount } from '../faults/bridge.ts'
import { control } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { withServe } from '../serve.ts'
import { eventually, figures, total } from './figures.ts'

/** Each figure of issue 6 that metrics.test.ts does not move is moved here by what it is about. */
describe('a figure moves with what it is about', () => {
  let ready: Ready
  let google: Ready
  const over = Promise.withResolvers<void>()
  let served: Promise<void>

  before(async () => {
    const up = Promise.withResolvers<void>()
    served = withServe(
      async (simulator) => {
        // Slow enough to be looked at while it reads, on whatever machine this is.
        await control(simulator, 'latency', { ms: 1000 })
        return oneAccount(simulator)
      },
      async (one) => {
        ready = one.ready
        google = one.google
        up.resolve()
        await over.promise
      },
      { settings: { POSTERN_METRICS_ACCOUNTS: 'on' } },
    )
    served.catch(up.reject)
    await up.promise
  })
  after(async () => {
    over.resolve()
    await served
  })

  test('hydration that is left falls to nothing, while calls are in flight and wait', async () => {
    const busy = await eventually(ready, (all) => total(all, 'postern_hydration_left_messages') > 0)
    assert.ok(total(busy, 'postern_messages') >= total(busy, 'postern_hydration_left_messages'))
    await eventually(ready, (all) => total(all, 'postern_gmail_calls_in_flight') > 0)
    await eventually(ready, (all) => total(all, 'postern_gmail_calls_waiting', 'prefetch') > 0)
    await eventually(ready, (all) => total(all, 'postern_hydration_eta_seconds') > 0)
    await control(google, 'latency', { ms: 0 })
    const done = await eventually(
      ready,
      (all) =>
        total(all, 'postern_accounts', 'live') === 1 && total(all, 'postern_hydration_left_messages') === 0,
    )
    assert.equal(total(done, 'postern_hydration_eta_seconds'), 0)
  })

  test('what is spent is told by method, account, its class and cause, and is gone from the budget', async () => {
    const earlier = await figures(ready)
    const client = await imapDialog(ready)
    await client.command('SELECT INBOX')
    await client.command('STORE 1 +FLAGS (\\Flagged)')
    client.close()
    const all = await figures(ready)
    const words = ['account="1"', 'class="refresh-token"', 'method="messages.modify"', 'cause="'] as const
    const rise = (name: string) => total(all, name, ...words) - total(earlier, name, ...words)
    assert.equal(rise('postern_gmail_calls_total'), 1)
    assert.equal(rise('postern_gmail_units_total'), 5)
    assert.ok(
      total(all, 'postern_gmail_budget_available_units') <
        total(all, 'postern_gmail_budget_units_per_minute'),
    )
  })

  test('the cache: a hit for what is there; octets and messages for what has come', async () => {
    const earlier = await figures(ready)
    // While somebody is there Gmail is asked for news.
    const client = await imapDialog(ready)
    await client.command('SELECT INBOX')
    const { id } = await control(google, 'deliver', { text: `Subject: new\n\n${'x'.repeat(10_000)}\n` })
    assert.ok(id)
    const rise = (all: Awaited<ReturnType<typeof figures>>, name: string, ...words: string[]) =>
      total(all, name, ...words) - total(earlier, name, ...words)
    const there = await eventually(ready, (all) => rise(all, 'postern_cache_messages') === 1)
    assert.ok(rise(there, 'postern_cache_bytes', 'disk') > 0)
    assert.ok(total(there, 'postern_cache_bytes', 'memory') > 10_000)
    await client.command('NOOP')
    await client.command('FETCH * BODY.PEEK[]')
    client.close()
    await eventually(ready, (all) => rise(all, 'postern_cache_requests_total', 'hit') > 0)
  })

  test('the age of the sync rises while Gmail does not answer, and falls when it does', async () => {
    await eventually(ready, (all) => total(all, 'postern_accounts', 'live') === 1)
    await control(google, 'fault', { method: 'history.list', status: 500, count: 1_000_000 })
    const client = await imapDialog(ready)
    await client.command('SELECT INBOX')
    await eventually(
      ready,
      (all) =>
        total(all, 'postern_sync_age_seconds') > 3 &&
        total(all, 'postern_gmail_request_seconds_count', 'history.list', 'outcome="outage"') > 0,
    )
    await control(google, 'clearFaults')
    await eventually(ready, (all) => total(all, 'postern_sync_age_seconds') < 2)
    client.close()
  })

  test('sessions that end are counted by how, with their octets', async () => {
    const earlier = await figures(ready)
    const client = await imapDialog(ready)
    await client.command('LOGOUT')
    await client.rest()
    const all = await eventually(
      ready,
      (one) =>
        total(one, 'postern_sessions_ended_total', 'imap', 'left') >
        total(earlier, 'postern_sessions_ended_total', 'imap', 'left'),
    )
    for (const direction of ['in', 'out'])
      assert.ok(
        total(all, 'postern_session_bytes_total', 'imap', direction) >
          total(earlier, 'postern_session_bytes_total', 'imap', direction),
      )
  })
})

test('a token that cannot be had is counted as failed', () =>
  withServe(
    oneAccount,
    async ({ ready }) => {
      await eventually(ready, (all) => total(all, 'postern_token_requests_total', 'result="failed"') > 0)
      const all = await eventually(ready, (one) => total(one, 'postern_errors_total', 'level="warn"') > 0)
      assert.equal(total(all, 'postern_token_requests_total', 'result="ok"'), 0)
      assert.equal(total(all, 'postern_accounts', 'live'), 0)
    },
    { settings: { POSTERN_GOOGLE_TOKEN_URL: 'http://127.0.0.1:9' } },
  ))

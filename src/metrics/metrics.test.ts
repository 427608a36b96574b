import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMetrics } from './metrics.ts'
import type { AccountFigures, PushFigures, Sources } from './sources.ts'

function account(number: number, more: Partial<AccountFigures> = {}): AccountFigures {
  return {
    number,
    phase: 'live',
    class: 'refresh-token',
    broken: false,
    messages: 10 * number,
    hydrated: 10,
    etaMs: 1000 * number,
    syncAgeMs: 500 * number,
    budget: {
      unitsPerMinute: 6000,
      availableUnits: 100 * number,
      waiting: { person: number },
      inFlight: 1,
      heldMs: 0,
    },
    spending: [{ method: 'messages.get', cause: 'hydration', calls: number, units: 20 * number }],
    ...more,
  }
}

const gets = (calls: number) => [{ method: 'messages.get', cause: 'hydration', calls, units: 20 * calls }]

function watched(all: AccountFigures[], perAccount: boolean, push?: PushFigures) {
  const metrics = createMetrics({ version: '1.2.3', perAccount })
  const sources: Sources = {
    accounts: () => all,
    push: () => push,
    cache: () => ({ memoryBytes: 1, diskBytes: 2, entries: 3, hits: 4, misses: 5 }),
    disk: async () => ({ storeBytes: 6, freeBytes: 7 }),
    storeWritable: async () => false,
    sessions: () => ({ imap: 8 }),
  }
  metrics.watch(sources)
  return metrics
}

const lines = async (metrics: { text(): Promise<string> }) => (await metrics.text()).split('\n')

describe('metrics', () => {
  it('stand for all accounts together: sums, the smallest budget, the oldest sync', async () => {
    const text = await lines(watched([account(1), account(2, { phase: 'listing', broken: true })], false))
    for (const line of [
      'postern_build_info{version="1.2.3",node="' + process.versions.node + '"} 1',
      'postern_accounts{phase="live"} 1',
      'postern_accounts{phase="listing"} 1',
      'postern_accounts_broken 1',
      'postern_messages{account="all"} 30',
      'postern_hydration_left_messages{account="all"} 10',
      'postern_hydration_eta_seconds{account="all"} 2',
      'postern_sync_age_seconds{account="all"} 1',
      'postern_gmail_budget_available_units{account="all"} 100',
      'postern_gmail_calls_waiting{account="all",lane="person"} 3',
      'postern_gmail_calls_in_flight{account="all"} 2',
      'postern_gmail_units_total{account="all",class="refresh-token",method="messages.get",cause="hydration"} 60',
      'postern_cache_requests_total{result="hit"} 4',
      'postern_cache_requests_total{result="miss"} 5',
      'postern_cache_bytes{where="disk"} 2',
      'postern_cache_messages 3',
      'postern_store_bytes 6',
      'postern_data_free_bytes 7',
      'postern_store_writable 0',
      'postern_sessions{protocol="imap"} 8',
    ])
      assert.ok(text.includes(line), line)
  })

  it('tell accounts apart by their numbers when they may', async () => {
    const text = await lines(watched([account(1), account(2)], true))
    assert.ok(text.includes('postern_messages{account="1"} 10'))
    assert.ok(text.includes('postern_messages{account="2"} 20'))
    assert.ok(!text.some((line) => line.includes('account="all"')))
  })

  it('never count units backwards: not for a refusal, not for an account that is removed', async () => {
    const all = [account(1), account(2)]
    const metrics = watched(all, false)
    const spent = async () =>
      Number(
        (await lines(metrics)).find((line) => line.startsWith('postern_gmail_units_total{'))?.split(' ')[1],
      )
    assert.equal(await spent(), 60)
    all[0] = account(1, { spending: [{ method: 'messages.get', cause: 'hydration', calls: 1, units: 0 }] })
    assert.equal(await spent(), 60)
    all.pop()
    assert.equal(await spent(), 60)
    all[0] = account(1, { spending: [{ method: 'messages.get', cause: 'hydration', calls: 4, units: 80 }] })
    assert.equal(await spent(), 120)
  })

  it('keep what was spent under one class when the account gets another grant, and count on when it is opened anew', async () => {
    const all = [account(1)]
    const metrics = watched(all, false)
    const spent = async (kind: string) =>
      Number(
        (await lines(metrics))
          .find((line) => line.startsWith(`postern_gmail_units_total{account="all",class="${kind}"`))
          ?.split(' ')[1],
      )
    assert.equal(await spent('refresh-token'), 20)
    all[0] = account(1, { class: 'service-account', spending: gets(4) })
    assert.equal(await spent('service-account'), 60)
    assert.equal(await spent('refresh-token'), 20)
    all[0] = account(1, { class: 'service-account', spending: gets(2) })
    assert.equal(await spent('service-account'), 100)
    assert.equal(await spent('refresh-token'), 20)
  })

  it('tell of notices where Pub/Sub is switched on, and nothing of them elsewhere', async () => {
    const push = { notices: { asked: 3, known: 2, nobody: 1 }, ageMs: 1500, failures: 4, told: 5 }
    const told = await lines(watched([account(1)], false, push))
    for (const line of [
      'postern_push_accounts 5',
      'postern_push_notice_age_seconds 1.5',
      'postern_push_failures_total 4',
      'postern_push_notices_total{result="asked"} 3',
      'postern_push_notices_total{result="nobody"} 1',
    ])
      assert.ok(told.includes(line), line)
    assert.doesNotMatch(await watched([account(1)], false).text(), /postern_push/)
  })

  it('show an account that is gone no more', async () => {
    const all = [account(1), account(2)]
    const metrics = watched(all, true)
    assert.match(await metrics.text(), /postern_messages\{account="2"\}/)
    all.pop()
    assert.doesNotMatch(await metrics.text(), /postern_messages\{account="2"\}/)
  })

  it('count how sessions end, and their octets', async () => {
    const metrics = createMetrics({ version: '0', perAccount: false })
    const { count } = metrics
    count.connected('smtp')
    count.disconnected('smtp', { how: 'idle', bytesIn: 10, bytesOut: 20 })
    count.disconnected('smtp', { how: 'idle', bytesIn: 1, bytesOut: 2 })
    count.command('smtp', 'DATA', '2xx', 30)
    const told = await lines(metrics)
    for (const line of [
      'postern_connections_total{protocol="smtp"} 1',
      'postern_sessions_ended_total{protocol="smtp",how="idle"} 2',
      'postern_session_bytes_total{protocol="smtp",direction="in"} 11',
      'postern_session_bytes_total{protocol="smtp",direction="out"} 22',
      'postern_commands_total{protocol="smtp",command="DATA",result="2xx"} 1',
      'postern_command_seconds_bucket{le="0.05",protocol="smtp",command="DATA"} 1',
    ])
      assert.ok(told.includes(line), line)
  })

  it('keep the kinds of errors to a bounded number of series', async () => {
    const metrics = createMetrics({ version: '0', perAccount: false })
    for (let kind = 0; kind < 1000; kind++) metrics.count.trouble('warn', `kind ${kind}`)
    const series = (await lines(metrics)).filter((line) => line.startsWith('postern_errors_total{'))
    assert.ok(series.length < 100)
    assert.ok(series.some((line) => line.includes('kind="other"') && line.endsWith(' 940')))
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Backend } from './backend.ts'
import { password, withBackends } from './bridge.ts'
import { lawful } from './lawful.ts'
import { tour } from './tour.ts'
import { troubled } from './troubled.ts'

/** A tour needs some hundred; a bridge that runs after its own failures needs thousands. */
const mostRequests = 1000

async function tours(
  t: TestContext,
  backends: Readonly<Record<string, Backend>>,
  place: object,
): Promise<void> {
  await withBackends(
    backends,
    async ({ running, google, addressOf, requestsOf }) => {
      const all = Object.keys(backends).map((name) =>
        t.test(name, async () => {
          await tour({ ready: running.ready, google, address: addressOf(name), password })
          assert.ok(requestsOf(name) < mostRequests, `${requestsOf(name)} requests`)
        }),
      )
      await Promise.all(all)
    },
    place,
  )
}

test('a Gmail that the fact sheet allows', { timeout: 120_000, concurrency: 6 }, (t) =>
  tours(t, lawful, { prefix: '/some/gate', end: '/' }),
)

test('a Gmail on a bad day', { timeout: 120_000, concurrency: 6 }, (t) => tours(t, troubled, { host: '::1' }))

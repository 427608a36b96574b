import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { RawClient } from '#imap/testing/raw-client.ts'
import type { Backend } from './backend.ts'
import { password, withBackends } from './bridge.ts'
import type { Bridge } from './bridge.ts'
import { lawful } from './lawful.ts'
import { together } from './together.ts'
import { tour } from './tour.ts'
import { troubled } from './troubled.ts'
import { unlawful } from './unlawful.ts'

/** A tour needs some hundred; a bridge that runs after its own failures needs thousands. */
const mostRequests = 1000
/** Where nothing can come of it, in a few seconds. */
const mostInVain = 100

const sensible = { ...lawful, 'does everything at once': together(Object.values(lawful)), ...troubled }

function each(
  t: TestContext,
  backends: Readonly<Record<string, Backend>>,
  visit: (name: string) => Promise<void>,
): Promise<void> {
  const visits = Object.keys(backends).map((name) => t.test(name, () => visit(name)))
  return Promise.all(visits).then(() => undefined)
}

async function makeTour({ running, google, addressOf, requestsOf }: Bridge, name: string): Promise<void> {
  await tour({ ready: running.ready, google, address: addressOf(name), password })
  assert.ok(requestsOf(name) < mostRequests, `${requestsOf(name)} requests`)
}

/** The client hears that Gmail is not there, and nothing else suffers. */
async function hearNo({ running, addressOf, requestsOf }: Bridge, name: string): Promise<void> {
  using client = await RawClient.connect(running.ready.imap)
  await client.until(/\r\n/)
  assert.match(await client.command('l', `LOGIN ${addressOf(name)} ${password}`), /^l OK/m)
  assert.match(await client.command('s', 'SELECT INBOX'), /^s NO \[UNAVAILABLE\] /m)
  assert.match(await client.command('n', 'NOOP'), /^n OK/m)
  assert.ok(requestsOf(name) < mostInVain, `${requestsOf(name)} requests`)
}

test('one bridge before many Gmails', { timeout: 240_000, concurrency: true }, (t) =>
  withBackends({ ...sensible, ...unlawful }, async (bridge) => {
    await Promise.all([
      t.test('that make no sense: a client hears so', { concurrency: true }, (vain) =>
        each(vain, unlawful, (name) => hearNo(bridge, name)),
      ),
      t.test('that the fact sheet allows: all goes well', { concurrency: 6 }, (good) =>
        each(good, sensible, (name) => makeTour(bridge, name)),
      ),
    ])
    assert.doesNotMatch(bridge.running.log(), /"level":50/)
  }),
)

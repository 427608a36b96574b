import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectedClient } from '#mail/connected-client.ts'
import type { AccountState, Trouble } from '../../house.ts'
import { liveParts, shapeOf } from './live-parts.ts'
import type { LiveState } from './live-parts.ts'

const account: AccountState = {
  address: 'a@x.test',
  phase: 'live',
  messages: 2000,
  hydrated: 500,
  etaMs: 300_000,
  alert: undefined,
  access: 'modify',
}
const client: ConnectedClient = {
  id: 's1',
  door: 'imap',
  secure: true,
  address: 'a@x.test',
  passwordName: 'phone',
  remoteAddress: '192.0.2.7',
  program: '<b>Mail</b> 1',
  since: Date.parse('2026-01-02T03:04:00Z'),
  doing: 'IDLE',
  lastCommand: 'IDLE',
  mailbox: 'INBOX',
  bytesIn: 0,
  bytesOut: 0,
}
const trouble: Trouble = {
  at: Date.parse('2026-01-02T03:04:00Z'),
  address: 'a@x.test',
  text: 'Gmail could not be reached.',
  advice: 'Check the network.',
  times: 3,
}
const quiet: LiveState = {
  accounts: [],
  clients: undefined,
  usage: undefined,
  allowedUnits: undefined,
  cache: undefined,
  troubles: undefined,
}

/** The words of a part, without its markup. */
function words(state: Partial<LiveState>, id: string): string {
  const text = liveParts({ ...quiet, ...state }).get(id)?.text ?? ''
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function said(changes: Partial<AccountState>): string {
  return words({ accounts: [{ ...account, ...changes }] }, 'account-0')
}

test('an account says how far it is and how long the rest takes', () => {
  assert.equal(
    said({}),
    'Up to date: 2,000 messages, 500 of them prepared for quick reading. About 5 minutes left, as Google’s quota allows.',
  )
  assert.match(said({ etaMs: 20_000 }), /About 1 minute left/)
  assert.match(said({ etaMs: 3 * 3600_000 }), /About 3 hours left/)
  assert.match(said({ etaMs: 72 * 3600_000 }), /About 3 days left/)
  assert.equal(said({ hydrated: 2000, messages: 2000 }), 'Up to date: 2,000 messages.')
  assert.equal(said({ access: 'send' }), 'Ready to send. Nothing is read.')
})

test('each mail program says what it is, who, from where, since when and what it does', () => {
  const text = words({ clients: [client] }, 'live-clients')
  assert.equal(
    text,
    '&lt;b&gt;Mail&lt;/b&gt; 1 IMAP waits for news in INBOX a@x.test with “phone”, from 192.0.2.7, since 2026-01-02 03:04 UTC',
  )
  const stranger = { ...client, program: '', address: undefined, passwordName: undefined, secure: false }
  assert.match(
    words({ clients: [{ ...stranger, doing: 'waiting', mailbox: undefined }] }, 'live-clients'),
    /^A mail program IMAP connected Not logged in, from 192\.0\.2\.7, not encrypted/,
  )
  const many = Array.from({ length: 45 }, () => client)
  assert.match(words({ clients: many }, 'live-clients'), /And 15 more\.$/)
  assert.equal(words({ clients: [] }, 'live-clients'), 'No mail program is connected.')
})

test('the quota is a chart, a sentence and a table of the minutes that cost something', () => {
  const usage = [1000, 0, 20]
  const text = liveParts({ ...quiet, usage, allowedUnits: 6000 }).get('live-usage')?.text ?? ''
  const bars = [...text.matchAll(/<rect x="(\d+)" y="\d+" width="8" height="(\d+)"/g)]
  assert.deepEqual(
    bars.map(([, x, tall]) => [Number(x), Number(tall)]),
    [
      [571, 78],
      [581, 0],
      [591, 2],
    ],
  )
  assert.match(
    text,
    /role="img"\s+aria-label="[^"]*1,020 units in the last hour[^"]*At most 1,000[^"]*6,000 a minute/,
  )
  assert.match(words({ usage }, 'live-usage'), /As a table Minutes ago Units now 20 2 1,000$/)
  assert.doesNotMatch(words({ usage: [0] }, 'live-usage'), /table|NaN|Infinity/)
})

test('the cache says what it holds, how much it may, and how often it spared a download', () => {
  const cache = { diskBytes: 3 * 1024 ** 3, limitBytes: 4 * 1024 ** 3, entries: 1200, hits: 3, misses: 1 }
  assert.equal(
    words({ cache }, 'live-cache'),
    '1,200 messages take 3 GiB of 4 GiB on disk. 75 % of 4 readings needed no download.',
  )
  assert.match(
    words({ cache: { diskBytes: 0, hits: 0, misses: 0 } }, 'live-cache'),
    /No message has been read/,
  )
})

test('troubles say with whom, when, how often and the way out', () => {
  const { address: _, ...everybodys } = trouble
  const text = words(
    { troubles: [trouble, { ...everybodys, address: undefined, times: 1 }] },
    'live-troubles',
  )
  assert.equal(
    text,
    'Gmail could not be reached. 3 times Check the network. a@x.test, 2026-01-02 03:04 UTC Gmail could not be reached. Check the network. The installation, 2026-01-02 03:04 UTC',
  )
  const many = Array.from({ length: 11 }, () => trouble)
  assert.match(words({ troubles: many }, 'live-troubles'), /And 3 more, older than these\.$/)
})

test('a screen reader hears of what comes and goes, not of figures that run', () => {
  const busy = { accounts: [account], clients: [client], troubles: [trouble] }
  const heard = words(busy, 'live-news')
  assert.equal(heard, '1 of 1 mailbox up to date. 1 mail program connected. 1 trouble noted.')
  assert.equal(words({ ...busy, accounts: [{ ...account, hydrated: 900, etaMs: 1 }] }, 'live-news'), heard)
})

function shape(changes: Partial<LiveState>): string {
  return shapeOf({ ...quiet, ...changes })
}

test('the page is made anew when accounts change, and not when figures do', () => {
  const base = shape({ accounts: [account] })
  assert.equal(
    shape({ accounts: [{ ...account, messages: 9, phase: 'listing' }], troubles: [trouble] }),
    base,
  )
  for (const changed of [{ alert: 'Ended' }, { access: 'read' as const }, { address: 'b@x.test' }])
    assert.notEqual(shape({ accounts: [{ ...account, ...changed }] }), base)
  assert.notEqual(shape({ troubles: [trouble] }), shape({}))
})

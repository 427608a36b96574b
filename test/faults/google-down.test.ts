import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { control, startPostern } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { demoUser, withServe } from '../serve.ts'
import type { Served } from '../serve.ts'
import { agree } from './agreement.ts'
import { imapDialog, oneAccount, password, quick, sendOver, settled, tryUntil } from './bridge.ts'
import { Dialog } from './dialog.ts'

const limit = { timeout: 240_000 }
const ok = /^\S+ OK/m

async function popDialog({ pop3 }: Ready): Promise<Dialog> {
  assert.ok(pop3)
  const client = await Dialog.open(pop3)
  client.say(`USER ${demoUser}\r\n`)
  await client.until(/^\+OK[^\r]*\r\n/m)
  client.say(`PASS ${password}\r\n`)
  await client.until(/^(\+OK|-ERR)[^\r]*\r\n/m)
  return client
}

const local = 'FETCH 1:5 (FLAGS ENVELOPE BODY.PEEK[])'

/** What can be had without Google, on all doors. */
async function servesWhatItHas({ ready }: Served, imap: Dialog): Promise<void> {
  assert.match(await imap.command('NOOP'), ok)
  assert.match(await imap.command(local), ok)
  assert.match(await imap.command('SEARCH TEXT soup'), /^\* SEARCH \d+/m)
  // What Gmail cannot hold needs no Google.
  assert.match(await imap.command('STORE 1 +FLAGS (local)'), ok)
  const other = await imapDialog(ready)
  assert.match(await other.command('SELECT "[Gmail]/All Mail"'), ok)
  assert.match(await other.command('FETCH 1 BODY.PEEK[]'), ok)
  other.close()
}

/** What needs Google is refused as something that passes. It takes its time: whoever waits is told so. */
async function refusesTheRest(served: Served): Promise<void> {
  const { ready, google } = served
  const command = async (line: string) => {
    const client = await imapDialog(ready)
    await client.command('SELECT INBOX')
    assert.match(await client.command(line), /^\S+ NO \[UNAVAILABLE\]/m, line)
    client.close()
  }
  const append = async () => {
    const client = await imapDialog(ready)
    assert.match(await client.append('INBOX', 'Subject: never\r\n\r\nx\r\n'), /^\S+ NO \[UNAVAILABLE\]/m)
    client.close()
  }
  const send = async () => {
    assert.match(await sendOver(ready, google.simulator.peer.user, 'never'), /^4[25]1 /)
  }
  const pop = async () => {
    const client = await popDialog(ready)
    client.say('RETR 1\r\nDELE 1\r\nQUIT\r\n')
    assert.match(await client.rest(), /^-ERR \[SYS\/TEMP\][^\r]*\r\n$/m)
  }
  await Promise.all([
    command('STORE 1 +FLAGS (\\Flagged)'),
    command('MOVE 2 "[Gmail]/All Mail"'),
    append(),
    send(),
    pop(),
  ])
}

/** Everything goes on, and nothing that was refused was done. */
async function comesBack({ ready, google }: Served): Promise<void> {
  const imap = await imapDialog(ready)
  await imap.command('SELECT INBOX')
  assert.match(await imap.command('FETCH 1 FLAGS'), /[( ]local[ )]/)
  await tryUntil(async () => ok.test(await imap.command('STORE 2 +FLAGS (\\Flagged)')))
  imap.close()
  await agree(ready, google, ['INBOX', '[Gmail]/Sent Mail'])
}

describe('Google is not there', { concurrency: true }, () => {
  for (const [name, fault] of [
    ['answers 500 to everything', { status: 500 }],
    ['breaks every connection', { drop: true }],
  ] as const)
    test(`it ${name}: what is here is served, the rest is UNAVAILABLE, SYS/TEMP, 451`, limit, () =>
      withServe(
        oneAccount,
        async (served) => {
          const { ready, google } = served
          await settled(ready)
          const imap = await imapDialog(ready)
          await imap.command('SELECT INBOX')
          await control(google, 'fault', { ...fault, count: 1_000_000 })
          const refused = refusesTheRest(served)
          await Promise.all([servesWhatItHas(served, imap), refused])
          imap.close()
          await control(google, 'clearFaults')
          await comesBack(served)
        },
        { settings: quick },
      ),
    )

  test(
    'it answers 429 to everything for a while: what is here is served, changes wait and are done',
    limit,
    () =>
      withServe(
        oneAccount,
        async (served) => {
          const { ready, google } = served
          await settled(ready)
          const [imap, change] = [await imapDialog(ready), await imapDialog(ready)]
          for (const client of [imap, change]) await client.command('SELECT INBOX')
          await control(google, 'fault', { status: 429, reason: 'rateLimitExceeded', count: 1_000_000 })
          const changed = change.command('STORE 3 +FLAGS (\\Flagged)')
          const sent = sendOver(ready, google.simulator.peer.user, 'waits')
          await servesWhatItHas(served, imap)
          await control(google, 'clearFaults')
          assert.match(await changed, ok)
          assert.match(await sent, /^250 /)
          for (const client of [imap, change]) client.close()
          await comesBack(served)
        },
        { settings: quick },
      ),
  )

  test('it gives no token: what is here is served, also after a restart, and all goes on later', limit, () =>
    withServe(
      oneAccount,
      async (served) => {
        const { bridge, environment } = served
        await settled(served.ready)
        assert.equal(await bridge.stop(), 0)
        // Nothing listens where tokens come from.
        const nowhere = { ...environment, POSTERN_GOOGLE_TOKEN_URL: 'http://127.0.0.1:9' }
        const again = await startPostern(['serve'], nowhere)
        try {
          const imap = await imapDialog(again.ready)
          assert.match(await imap.command('SELECT INBOX'), ok)
          const now = { ...served, ready: again.ready }
          await Promise.all([servesWhatItHas(now, imap), refusesTheRest(now)])
          imap.close()
        } finally {
          await again.stop()
        }
        const well = await startPostern(['serve'], environment)
        try {
          await comesBack({ ...served, ready: well.ready })
        } finally {
          await well.stop()
        }
      },
      { settings: quick },
    ),
  )
})

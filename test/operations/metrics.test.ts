import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ImapFlow } from 'imapflow'
import Pop3Command from 'node-pop3'
import { createTransport } from 'nodemailer'
import { control, startPostern } from '../postern.ts'
import type { Running } from '../postern.ts'
import { eventually, figures, total } from './figures.ts'

function imapflow({ ready }: Running, pass = ready.account.password): ImapFlow {
  return new ImapFlow({
    ...ready.imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: ready.account.user, pass },
    logger: false,
  })
}

describe('/metrics on a port of its own', () => {
  let running: Running

  before(async () => {
    running = await startPostern(['demo', '--quota', '0'], {
      POSTERN_METRICS_PORT: '0',
      POSTERN_POLL_SECONDS: '1',
    })
    await eventually(
      running.ready,
      (all) =>
        total(all, 'postern_messages') > 0 &&
        total(all, 'postern_hydration_left_messages') === 0 &&
        total(all, 'postern_accounts', 'live') === 1,
    )
  })
  after(() => running.stop())

  test('the first sync: messages, units by method and cause, requests and tokens', async () => {
    const all = await figures(running.ready)
    assert.ok(total(all, 'postern_messages', 'account="all"') > 0)
    assert.ok(total(all, 'postern_gmail_units_total', 'method="messages.list"') >= 5)
    const gets = total(all, 'postern_gmail_calls_total', 'method="messages.get"')
    assert.equal(total(all, 'postern_gmail_units_total', 'method="messages.get"'), 20 * gets)
    assert.equal(total(all, 'postern_gmail_request_seconds_count', 'messages.get', 'outcome="ok"'), gets)
    assert.equal(total(all, 'postern_token_requests_total', 'result="ok"'), 1)
    assert.ok(total(all, 'postern_gmail_budget_available_units') > 0)
    assert.ok(total(all, 'postern_sync_age_seconds') >= 0)
    assert.ok(total(all, 'postern_store_bytes') > 0)
    assert.ok(total(all, 'postern_data_free_bytes') > 0)
    assert.ok(total(all, 'postern_cache_messages') > 0)
    assert.ok(total(all, 'nodejs_eventloop_lag_p99_seconds') > 0)
    assert.ok(total(all, 'process_resident_memory_bytes') > 0)
  })

  test('an IMAP session: connections, logins, commands by result', async () => {
    const earlier = await figures(running.ready)
    await assert.rejects(imapflow(running, 'wrong').connect())
    const client = imapflow(running)
    await client.connect()
    await client.mailboxOpen('INBOX')
    await client.fetchOne('1', { source: true })
    // The one that was refused goes in its own time.
    await eventually(running.ready, (one) => total(one, 'postern_sessions', 'imap') === 1)
    await client.logout()
    const all = await eventually(running.ready, (one) => total(one, 'postern_sessions', 'imap') === 0)
    const rise = (...words: [string, ...string[]]) => total(all, ...words) - total(earlier, ...words)
    assert.equal(rise('postern_connections_total', 'imap'), 2)
    assert.equal(rise('postern_logins_total', 'imap', 'result="ok"'), 1)
    assert.equal(rise('postern_logins_total', 'imap', 'result="credentials"'), 1)
    assert.equal(rise('postern_commands_total', 'command="SELECT"', 'result="OK"'), 1)
    assert.ok(rise('postern_command_seconds_count', 'command="FETCH"') >= 1)
  })

  test('POP3 and SMTP: sessions, commands, sends by result', async () => {
    const { pop3, smtp, account, simulator } = running.ready
    assert.ok(pop3 && smtp)
    const pop = new Pop3Command({ ...pop3, user: account.user, password: account.password })
    await pop.UIDL()
    assert.equal(total(await figures(running.ready), 'postern_sessions', 'pop3'), 1)
    await assert.rejects(pop.RETR(9999))
    await pop.QUIT()
    const transport = createTransport({
      ...smtp,
      tls: { rejectUnauthorized: false },
      auth: { user: account.user, pass: account.password },
    })
    const letter = { from: account.user, to: simulator.peer.user, text: 'x' }
    await transport.sendMail(letter)
    await control(running.ready, 'fault', { method: 'messages.send', status: 400, reason: 'invalidArgument' })
    await assert.rejects(transport.sendMail(letter))
    transport.close()
    const all = await figures(running.ready)
    assert.equal(total(all, 'postern_commands_total', 'pop3', 'command="UIDL"', 'result="ok"'), 1)
    assert.equal(total(all, 'postern_commands_total', 'pop3', 'command="RETR"', 'result="err"'), 1)
    assert.equal(total(all, 'postern_sends_total', 'result="ok"'), 1)
    assert.equal(total(all, 'postern_sends_total') - total(all, 'postern_sends_total', 'result="ok"'), 1)
    assert.equal(total(all, 'postern_send_seconds_count'), 2)
    assert.ok(total(all, 'postern_logins_total', 'protocol="smtp"', 'result="ok"') >= 1)
  })

  test('a quota that refuses shows as refused requests and a budget held back', async () => {
    await control(running.ready, 'fault', {
      method: 'history.list',
      status: 429,
      reason: 'rateLimitExceeded',
      retryAfterSeconds: 30,
    })
    const client = imapflow(running)
    await client.connect()
    await client.mailboxOpen('INBOX')
    await eventually(
      running.ready,
      (all) =>
        total(all, 'postern_gmail_held_seconds') > 0 &&
        total(all, 'postern_gmail_request_seconds_count', 'history.list', 'outcome="units"') +
          total(all, 'postern_gmail_request_seconds_count', 'history.list', 'outcome="crowded"') >
          0,
    )
    client.close()
  })

  test('names nobody', async () => {
    const names = [...(await figures(running.ready)).keys()].join('\n')
    assert.ok(!names.includes('@'))
    assert.ok(!names.includes(running.ready.account.user.split('@')[0] ?? ''))
  })
})

test('a grant that ends shows in the metrics, and /readyz names the account by its number', async () => {
  const running = await startPostern(['demo', '--quota', '0'], {
    POSTERN_POLL_SECONDS: '1',
    POSTERN_METRICS_ACCOUNTS: 'on',
  })
  const { ready } = running
  await eventually(ready, (all) => total(all, 'postern_accounts', 'live') === 1)
  assert.equal((await fetch(`${ready.web.url}/readyz`)).status, 200)
  const client = imapflow(running)
  await client.connect()
  await control(ready, 'revoke')
  const all = await eventually(ready, (one) => total(one, 'postern_accounts_broken') === 1)
  assert.ok(total(all, 'postern_token_requests_total', 'result="ended"') >= 1)
  assert.ok(total(all, 'postern_errors_total', 'level="warn"') >= 1)
  assert.ok(total(all, 'postern_messages', 'account="1"') > 0)
  const answer = await fetch(`${ready.web.url}/readyz`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /account 1 /)
  client.close()
  assert.equal(await running.stop(), 0)
})

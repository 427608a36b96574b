import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import Pop3Command from 'node-pop3'
import { createTransport } from 'nodemailer'
import { control, startPostern, withFolder } from '../postern.ts'
import { eventually, figures, total } from './figures.ts'

const subject = 'Zwetschgendatschi'
const body = 'Mirabellenmarmelade'
const attachment = 'Quittengelee'
const label = 'Streuobstwiese'
const correspondent = 'reineclaude'

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
}

/** As text, and as it could stand in base64 wherever it begins. */
function spellings(secret: string): Buffer[] {
  const shifted = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), Buffer.from(secret)]).toString('base64')
    // Whole groups of the secret alone.
    return text.slice(4 * Math.ceil(pad / 3), Math.floor((pad + secret.length) / 3) * 4)
  })
  return [secret, ...shifted].map((text) => Buffer.from(text))
}

test('after a run with debug logs no secret and no mail is in logs, in the data folder or in metrics', async () => {
  await withFolder(async (dir) => {
    const running = await startPostern(['demo', '--data', dir, '--quota', '0'], {
      POSTERN_LOG_LEVEL: 'debug',
      POSTERN_POLL_SECONDS: '1',
    })
    const { ready } = running
    const { account, imap, pop3, smtp, simulator } = ready
    assert.ok(pop3 && smtp)
    const letter = [
      `From: ${correspondent}@example.com`,
      `To: ${account.user}`,
      `Subject: ${subject}`,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      `--b\nContent-Type: text/plain\n\n${body}`,
      `--b\nContent-Type: text/plain; name=${attachment}.txt\n\nx\n--b--\n`,
    ].join('\n')
    await control(ready, 'deliver', { text: letter, labels: ['INBOX', 'UNREAD', label] })
    await eventually(
      ready,
      (all) =>
        total(all, 'postern_accounts', 'live') === 1 && total(all, 'postern_hydration_left_messages') === 0,
    )
    const tls = { rejectUnauthorized: false }
    const wrongPassword = 'Holunderbeersaft'
    const imapflow = (pass: string) =>
      new ImapFlow({ ...imap, secure: false, tls, auth: { user: account.user, pass }, logger: false })
    await assert.rejects(imapflow(wrongPassword).connect())
    const client = imapflow(account.password)
    await client.connect()
    await client.mailboxOpen(label)
    const found = await client.fetchOne('*', { source: true, envelope: true, bodyStructure: true })
    assert.ok(found !== false && found.source?.includes(body))
    await client.search({ subject })
    await client.messageFlagsAdd('*', ['\\Seen', '\\Flagged'])
    // A token that is refused and another one fetched, a wrong answer, a broken connection: errors are logged as well.
    await control(ready, 'fault', { method: '*', status: 401 })
    await control(ready, 'fault', { method: '*', skip: 1, status: 500 })
    await eventually(ready, (all) => total(all, 'postern_token_requests_total', 'ok') >= 2)
    await client.logout()
    const pop = new Pop3Command({ ...pop3, user: account.user, password: account.password })
    await pop.LIST()
    await pop.QUIT()
    const transport = createTransport({
      ...smtp,
      tls,
      auth: { user: account.user, pass: account.password },
    })
    await transport.sendMail({ from: account.user, to: simulator.peer.user, subject, text: body })
    transport.close()
    const metrics = [...(await figures(ready)).keys()].join('\n')
    await fetch(`${ready.web.url}/oauth/callback?code=${wrongPassword}&state=x`)
    assert.equal(await running.stop(), 0)

    const log = running.log()
    assert.ok(log.includes('"level":20'), 'the log is at debug')
    const secrets = {
      token: simulator.token,
      'refresh token': simulator.refreshToken,
      'client secret': simulator.clientSecret,
      password: account.password,
      'password without blanks': account.password.replaceAll(/[ -]/g, ''),
      'wrong password': wrongPassword,
    }
    const mail = { subject, body, attachment, correspondent }
    const files = filesUnder(join(dir, 'bridge')).map((path) => [path, readFileSync(path)] as const)
    assert.ok(files.length >= 5, 'database, key, certificate and cache are there')
    for (const [name, secret] of Object.entries({ ...secrets, ...mail }))
      for (const spelling of spellings(secret)) {
        assert.ok(!log.includes(spelling.toString()), `${name} in the log`)
        assert.ok(!metrics.includes(spelling.toString()), `${name} in the metrics`)
        for (const [path, content] of files) assert.ok(!content.includes(spelling), `${name} in ${path}`)
      }
    for (const [path, content] of files) {
      assert.ok(!content.includes(label), `a label's name in ${path}`)
      assert.ok(!content.includes(account.user), `the address in ${path}`)
    }
  })
})

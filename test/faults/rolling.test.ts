import assert from 'node:assert/strict'
import { test } from 'node:test'
import { control } from '../postern.ts'
import { demoUser, withServe } from '../serve.ts'
import { agree } from './agreement.ts'
import { atGmail, faultsMet, imapDialog, oneAccount, quick, sendOver, settled } from './bridge.ts'
import { Restarts } from './restarts.ts'

const bye = /^\* BYE [^\r]*\r\n/m
/** What an orchestrator waits before it kills. */
const graceMs = 10_000

test(
  'a rolling restart with clients that idle, download, append, change and send: BYE, and nothing is lost or done twice',
  { timeout: 240_000 },
  () =>
    withServe(
      oneAccount,
      async (served) => {
        const { ready, google } = served
        const big = `Subject: big\n\n${`${'x'.repeat(76)}\n`.repeat(50_000)}`
        await control(google, 'deliver', { text: big })
        await settled(ready)
        await agree(ready, google, ['INBOX'])
        const [idle, download, append, change] = [
          await imapDialog(ready),
          await imapDialog(ready),
          await imapDialog(ready),
          await imapDialog(ready),
        ]
        for (const client of [idle, download, append, change]) await client.command('SELECT INBOX')
        idle.say('i IDLE\r\n')
        await idle.until(/^\+ [^\r]*\r\n/m)
        // Everything is under way at Gmail when the signal comes.
        for (const method of ['messages.insert', 'messages.modify', 'messages.send'])
          await control(google, 'fault', { method, delayMs: 1500 })
        const answers = Promise.all([
          append.append('INBOX', 'Message-ID: <rolling@faults.test>\r\nSubject: appended\r\n\r\nx\r\n'),
          change.command('STORE 1 +FLAGS (\\Flagged)'),
          sendOver(ready, google.simulator.peer.user, 'rolling'),
        ])
        await faultsMet(google)
        download.say('d FETCH * BODY.PEEK[]\r\n')
        await download.until(/^\* \d+ FETCH /m)
        const restarts = new Restarts(served)
        const began = performance.now()
        assert.equal(await restarts.stop(), 0)
        assert.ok(performance.now() - began < 2 * graceMs)
        try {
          const [appended, changed, sent] = await answers
          assert.match(appended, /^\S+ OK \[APPENDUID/m)
          assert.match(changed, /^\S+ OK/m)
          assert.match(sent, /^250 /)
          assert.match(await idle.rest(), bye)
          // Either whole, with its tagged line, or cut off: never a literal that is something else.
          const rest = await download.rest()
          if (/^d OK/m.test(rest)) assert.match(rest, bye)
          for (const client of [append, change]) assert.match(await client.rest(), bye)

          const bridge = await restarts.ready()
          assert.match(await sendOver(bridge, google.simulator.peer.user, 'rolling'), /^250 /)
          const peer = await atGmail(google, google.simulator.peer.user)
          assert.equal(peer.filter(({ labels }) => labels.includes('INBOX')).length, 1)
          const mine = await atGmail(google, demoUser)
          assert.equal(mine.filter(({ messageId }) => messageId === 'rolling@faults.test').length, 1)
          await agree(bridge, google, ['INBOX', '[Gmail]/Sent Mail'])
        } finally {
          await restarts.end()
        }
      },
      { settings: quick },
    ),
)

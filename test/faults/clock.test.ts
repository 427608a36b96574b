import assert from 'node:assert/strict'
import { test } from 'node:test'
import Pop3Command from 'node-pop3'
import { control } from '../postern.ts'
import { demoUser, withServe } from '../serve.ts'
import { agree } from './agreement.ts'
import { imapDialog, oneAccount, password, quick, readiness, sendOver, settled } from './bridge.ts'
import { Dialog } from './dialog.ts'
import { Inspector, inspected } from './inspector.ts'

const dayMs = 24 * 60 * 60_000

for (const [name, aheadMs] of [
  ['forward by a day', dayMs],
  ['back by a day', -dayMs],
] as const)
  test(
    `a clock that is set ${name} breaks no session, token, throttle, poll or timer`,
    { timeout: 180_000 },
    () =>
      withServe(
        oneAccount,
        async ({ bridge, ready, google }) => {
          await settled(ready)
          const idle = await imapDialog(ready)
          const opened = await idle.command('SELECT INBOX')
          idle.say('i IDLE\r\n')
          await idle.until(/^\+ [^\r]*\r\n/m)
          const imap = await imapDialog(ready)
          await imap.command('SELECT INBOX')
          // Somebody has guessed wrong before.
          await assert.rejects(Dialog.imap(ready.imap, demoUser, 'wrong'))
          using inspector = await Inspector.open(bridge)
          await inspector.setClock(aheadMs)
          const shifted = Number(await inspector.evaluate('new Date().getTime()')) - Date.now()
          assert.ok(Math.abs(shifted - aheadMs) < 60_000)

          // The poll goes on: without this the next lines wait for ever.
          await control(google, 'deliver', { text: 'Subject: after the jump\n\nx\n' })
          assert.match(await idle.until(/^\* \d+ EXISTS\r\n/m), /EXISTS/)
          idle.say('DONE\r\n')
          assert.match(await idle.until(/^i OK[^\r]*\r\n/m), /^i OK/m)
          assert.match(await imap.command('STORE 1 +FLAGS (\\Flagged jumped)'), /^\S+ OK/m)
          assert.match(await imap.append('INBOX', 'Subject: x\r\n\r\nx\r\n'), /^\S+ OK \[APPENDUID/m)
          // The right password is let in after a wrong one, on every door.
          await assert.rejects(Dialog.imap(ready.imap, demoUser, 'wrong'))
          const other = await imapDialog(ready)
          const again = await other.command('SELECT INBOX')
          const validity = /UIDVALIDITY \d+/
          assert.equal(validity.exec(again)?.[0], validity.exec(opened)?.[0])
          assert.match(await sendOver(ready, google.simulator.peer.user, 'jumped'), /^250 /)
          assert.ok(ready.pop3)
          const pop = new Pop3Command({ ...ready.pop3, user: demoUser, password })
          assert.ok((await pop.UIDL()).length > 0)
          await pop.QUIT()
          await agree(ready, google, ['INBOX', '[Gmail]/Sent Mail'])
          assert.deepEqual((await readiness(ready)).status, 200)
          await inspector.setClock(0)
          assert.match(await imap.command('STORE 1 -FLAGS (\\Flagged)'), /^\S+ OK/m)
          await agree(ready, google, ['INBOX'])
          for (const client of [idle, imap, other]) client.close()
        },
        { settings: { ...quick, ...inspected } },
      ),
  )

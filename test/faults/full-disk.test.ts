import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figures, total } from '../operations/figures.ts'
import { control, startPostern } from '../postern.ts'
import type { Ready } from '../postern.ts'
import { withServe } from '../serve.ts'
import { agree } from './agreement.ts'
import { imapDialog, oneAccount, quick, readiness, tryUntil, sendOver, settled } from './bridge.ts'
import type { Dialog } from './dialog.ts'
import { noFailingDisk, noMount, withFailingDisk, withSmallDisk } from './small-disk.ts'

const options = { skip: noMount, timeout: 180_000 }
const refused = /^\S+ NO \[UNAVAILABLE\] The disk of Postern is full or cannot be written/m

/** Everything that changes something is refused with a reason; everything that reads goes on. */
async function readsAndRefuses(imap: Dialog, bridge: Ready, google: Ready): Promise<void> {
  for (const change of [
    'STORE 1 +FLAGS (\\Flagged)',
    'STORE 2 +FLAGS (\\Deleted)',
    'COPY 3 "[Gmail]/Starred"',
    'MOVE 3 "[Gmail]/All Mail"',
    'CREATE Never',
  ])
    assert.match(await imap.command(change), refused, change)
  assert.match(await imap.append('INBOX', 'Subject: never\r\n\r\nx\r\n'), refused)
  assert.match(await sendOver(bridge, google.simulator.peer.user, 'never'), /^452 4\.3\.1 /)
  assert.match(await imap.command('FETCH 1:3 (FLAGS ENVELOPE BODY.PEEK[])'), /^\S+ OK/m)
  assert.match(await imap.command('SEARCH SUBJECT soup'), /^\* SEARCH \d+/m)
  assert.match(await imap.command('NOOP'), /^\S+ OK/m)
  const other = await imapDialog(bridge)
  assert.match(await other.command('SELECT INBOX'), /^\S+ OK/m)
  assert.match(await other.command('FETCH 2 BODY[]'), /^\S+ OK/m)
  other.close()
}

test(
  'a full disk: what is there is served, changes are refused, and all goes on when there is room',
  options,
  () =>
    withSmallDisk(48, (disk) =>
      withServe(
        oneAccount,
        async ({ bridge, ready, google }) => {
          await settled(ready)
          const imap = await imapDialog(ready)
          await imap.command('SELECT INBOX')
          disk.fill()
          const kept: string[] = []
          // What was written before may have left some room in the journal.
          await tryUntil(async () => {
            const keyword = `before${kept.length}`
            const answer = await imap.command(`STORE 1 +FLAGS.SILENT (${keyword})`)
            if (/^\S+ OK/m.test(answer)) kept.push(keyword)
            return refused.test(answer)
          })
          await readsAndRefuses(imap, ready, google)
          await control(google, 'deliver', { text: 'Subject: arrived meanwhile\n\nx\n' })
          const { status, text } = await readiness(ready)
          assert.equal(status, 503)
          assert.match(text, /The disk of [^"]*postern\.db is full/)
          await bridge.logged('The store cannot be written')
          assert.equal(total(await figures(ready), 'postern_store_writable'), 0)

          disk.empty()
          assert.match(await imap.command('STORE 1 +FLAGS (after)'), /^\S+ OK/m)
          assert.match(await imap.append('INBOX', 'Subject: after\r\n\r\nx\r\n'), /^\S+ OK \[APPENDUID/m)
          assert.match(await sendOver(ready, google.simulator.peer.user, 'after'), /^250 /)
          const flags = await imap.command('FETCH 1 FLAGS')
          for (const keyword of [...kept, 'after']) assert.ok(flags.includes(keyword), flags)
          assert.ok(!flags.includes('\\Deleted'))
          await agree(ready, google, ['INBOX', '[Gmail]/Sent Mail'])
          await tryUntil(async () => (await readiness(ready)).status === 200)
          await bridge.logged('The store can be written again')
          assert.equal(total(await figures(ready), 'postern_store_writable'), 1)
          imap.close()
          assert.equal(await bridge.stop(), 0)
        },
        { settings: { ...quick, POSTERN_DATA_DIR: disk.dir } },
      ),
    ),
)

test(
  'a disk that fails and becomes read-only: the same promise; a start on it says what to do; nothing is lost',
  { ...options, skip: noFailingDisk },
  () =>
    withFailingDisk(48, (disk) =>
      withServe(
        oneAccount,
        async ({ bridge, ready, google, environment }) => {
          await settled(ready)
          const imap = await imapDialog(ready)
          await imap.command('SELECT INBOX')
          assert.match(await imap.command('STORE 1 +FLAGS (kept)'), /^\S+ OK/m)
          const appended = await imap.append('INBOX', 'Subject: kept\r\n\r\nx\r\n')
          const [, uid = ''] = /^\S+ OK \[APPENDUID \d+ (\d+)\]/m.exec(appended) ?? []
          disk.fail()
          await readsAndRefuses(imap, ready, google)
          const { status, text } = await readiness(ready)
          assert.equal(status, 503)
          assert.match(text, /postern\.db/)
          imap.close()
          assert.equal(await bridge.stop(), 0)

          disk.mount('ro')
          await assert.rejects(startPostern(['serve'], environment), ({ message }: Error) => {
            // One line with what to do, and no stack.
            assert.match(message, /\npostern: [^\n]*(postern\.db|data folder)[^\n]*\bmay\b[^\n]*\n$/)
            return true
          })
          disk.mount('rw')
          const again = await startPostern(['serve'], environment)
          try {
            const client = await imapDialog(again.ready)
            await client.command('SELECT INBOX')
            assert.match(await client.command('FETCH 1 FLAGS'), / kept\)/)
            assert.match(
              await client.command(`UID FETCH ${uid} BODY.PEEK[HEADER.FIELDS (SUBJECT)]`),
              /Subject: kept/,
            )
            client.close()
            await agree(again.ready, google, ['INBOX', '[Gmail]/Sent Mail'])
          } finally {
            await again.stop()
          }
        },
        { settings: { ...quick, POSTERN_DATA_DIR: disk.dir } },
      ),
    ),
)

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startPostern } from '../postern.ts'
import { withServe } from '../serve.ts'
import { agree, seen } from './agreement.ts'
import { imapflow, oneAccount, quick, settled } from './bridge.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')

test(
  'a damaged database: the start and the check say what to do, repair does it, the mailbox is whole again',
  { timeout: 240_000 },
  () =>
    withServe(
      oneAccount,
      async ({ bridge, ready, google, environment }) => {
        await settled(ready)
        const before = await imapflow(ready)
        const uids = await seen(before, 'INBOX')
        await before.logout()
        assert.equal(await bridge.stop(), 0)
        const store = (verb: string) =>
          run(process.execPath, [main, 'store', verb], {
            env: { ...process.env, NODE_OPTIONS: '', ...environment },
          })

        const database = join(String(environment['POSTERN_DATA_DIR']), 'postern.db')
        const octets = readFileSync(database)
        // Pages in the middle, where trees have their branches.
        octets.fill(0x5a, 4096 * 4, 4096 * 8)
        writeFileSync(database, octets)
        const advice = /^postern: [^\n]*damaged[^\n]*postern store repair[^\n]*\n$/m
        await assert.rejects(startPostern(['serve'], environment), advice)
        await assert.rejects(store('check'), ({ stderr }: { stderr: string }) => advice.test(stderr))
        // Nothing was changed by looking.
        assert.ok(readFileSync(database).equals(octets))

        const { stdout } = await store('repair')
        assert.match(stdout, /UIDs are what they were|new UIDVALIDITY/)
        const again = await startPostern(['serve'], environment)
        try {
          await settled(again.ready)
          await agree(again.ready, google, ['INBOX', '[Gmail]/Sent Mail'])
          const after = await imapflow(again.ready)
          if (stdout.includes('UIDs are what they were')) assert.deepEqual(await seen(after, 'INBOX'), uids)
          await after.logout()
        } finally {
          await again.stop()
        }
      },
      { settings: quick },
    ),
)

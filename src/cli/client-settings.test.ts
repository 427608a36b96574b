import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bookLog } from '#auth/testing/hand-clock.ts'
import { systemClock } from '#mail/surroundings.ts'
import { startBridge } from './bridge.ts'
import { serversOf } from './client-settings.ts'
import { Complaint } from './complaint.ts'
import { runningOffice } from './office-line.ts'
import { readConfig } from './settings.ts'

const anyPort = Object.fromEntries(
  ['IMAP', 'IMAPS', 'POP3', 'POP3S', 'SMTP', 'SMTPS', 'WEB'].map((name) => [`POSTERN_${name}_PORT`, '0']),
)

test('a Postern that runs is asked where it listens, since no setting says so', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'postern-settings-'))
  try {
    const config = readConfig({ ...anyPort, POSTERN_DATA_DIR: dataDir, POSTERN_POP3S_PORT: 'off' })
    assert.throws(() => serversOf(config), Complaint)
    const bridge = await startBridge(config, { clock: systemClock, log: bookLog() })
    try {
      const found = await (await runningOffice(dataDir))?.whereabouts()
      const { imap, imaps, pop3, smtp, smtps, web } = bridge.ready
      assert.deepEqual(
        found?.servers.map(({ port }) => port),
        [imaps, imap, pop3, smtps, smtp].map((door) => door?.port),
      )
      assert.equal(found?.pageUrl, `${web?.url}/`)
    } finally {
      await bridge.close()
    }
    assert.equal(await runningOffice(dataDir), undefined)
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startSimulator } from '#simulator/simulator.ts'
import { GmailApi } from './api.ts'
import type { Check } from './check.ts'
import { Contract } from './contract.ts'
import type { Label, MessagePage } from './resources.ts'
import { suite } from './suite.ts'

/** The whole suite on the simulator. Here a check that is skipped fails, and every choice must hold. */
describe('the contract, on the simulator', () => {
  let simulator: Awaited<ReturnType<typeof startSimulator>>
  let api: GmailApi
  let contract: Contract

  before(async () => {
    simulator = await startSimulator({ port: 0, quotaPerMinute: 0 })
    api = new GmailApi({
      base: simulator.url,
      token: simulator.token,
      unitsPerSecond: 0,
      patienceMs: 0,
      signal: AbortSignal.timeout(280_000),
    })
    // A grant of its own, which the last check ends, and which tells who somebody is.
    const granted = await fetch(`${simulator.control}/grant`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ scopes: ['https://mail.google.com/', 'openid'] }),
    })
    const { refreshToken } = (await granted.json()) as { refreshToken: string }
    contract = new Contract({
      api,
      send: true,
      oauth: {
        tokenUrl: `${simulator.url}/token`,
        refreshToken,
        clientId: simulator.clientId,
        clientSecret: simulator.clientSecret,
        mayRevoke: true,
      },
    })
  })
  after(() => simulator.close())

  const all = [...suite].map(([subject, checks]) => ({ subject, checks: [...checks] }))
  for (const { subject, checks } of all) {
    describe(subject, () => {
      for (const check of checks.filter(({ last }) => !last)) it(title(check), () => check.run(contract))
    })
  }

  it('takes away everything that it made', async () => {
    assert.deepEqual(await contract.cleanUp(), [])
    const { labels } = await api.get<{ labels: Label[] }>('labels')
    assert.deepEqual(
      labels.filter(({ name }) => name.startsWith('postern-contract')),
      [],
    )
    const query = { q: 'subject:"Postern contract"', includeSpamTrash: true }
    assert.equal((await api.get<MessagePage>('messages', { query })).messages, undefined)
  })

  for (const check of all.flatMap(({ checks }) => checks).filter(({ last }) => last)) {
    it(title(check), () => check.run(contract))
  }
})

function title({ says, cites, known }: Check): string {
  return `${says} (${known === 'fact' ? cites : `our choice; ${cites}`})`
}

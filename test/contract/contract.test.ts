import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { startSimulator } from '#simulator/simulator.ts'
import { GmailApi } from './api.ts'
import { Skipped, type Check } from './check.ts'
import { Contract } from './contract.ts'
import type { Label, MessagePage } from './resources.ts'
import { suite } from './suite.ts'

/** The whole suite on the simulator. Here nothing may be skipped and every choice must hold. */
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
      signal: AbortSignal.timeout(120_000),
    })
    contract = new Contract({
      api,
      send: true,
      oauth: {
        tokenUrl: `${simulator.url}/token`,
        refreshToken: simulator.refreshToken,
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
      for (const check of checks.filter(({ last }) => !last)) it(title(check), (test) => run(check, test))
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
    it(title(check), (test) => run(check, test))
  }

  async function run(check: Check, test: TestContext): Promise<void> {
    try {
      await check.run(contract)
    } catch (error) {
      if (!(error instanceof Skipped)) throw error
      // The simulator's own token speaks for mail alone: it has no scope that tells who somebody is.
      assert.match(error.message, /userinfo/)
      test.skip(error.message)
    }
  }
})

function title({ says, cites, known }: Check): string {
  return `${says} (${known === 'fact' ? cites : `our choice; ${cites}`})`
}

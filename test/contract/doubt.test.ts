import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { GmailApi } from './api.ts'
import { Contract } from './contract.ts'
import { suite } from './suite.ts'

/** Backends that are no Gmail. A check that one of them passes proves nothing about Gmail. */
const backends = [
  { says: 'says yes to everything', status: 200, body: {} },
  {
    says: 'finds nothing',
    status: 404,
    body: { error: { code: 404, message: 'No', status: 'NO', errors: [{ reason: 'no', domain: 'no' }] } },
  },
] as const

for (const { says, status, body } of backends) {
  describe(`a backend that ${says}`, () => {
    let server: Server
    let base: string

    before(async () => {
      server = createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(body)))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    after(() => server.close())

    for (const [subject, checks] of suite) {
      it(`passes none of the checks on ${subject}`, async () => {
        for (const check of checks) {
          const api = new GmailApi({
            base,
            token: 't',
            unitsPerSecond: 0,
            patienceMs: 0,
            signal: AbortSignal.timeout(120_000),
          })
          const contract = new Contract({
            api,
            send: true,
            oauth: {
              tokenUrl: `${base}/token`,
              refreshToken: 'r',
              clientId: 'c',
              clientSecret: 's',
              mayRevoke: true,
            },
          })
          await assert.rejects(check.run(contract), `held: ${check.says}`)
        }
      })
    }
  })
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSimulator } from '#simulator/simulator.ts'
import type { Backend } from './backend.ts'
import { openGate } from './gate.ts'
import { lawful } from './lawful.ts'
import { unlawful } from './unlawful.ts'

/** What `npm run contract` says of a Gmail, and how it ends. */
async function contract(backend: Backend | undefined, only: string): Promise<{ out: string; code: unknown }> {
  const simulator = await startSimulator({ quotaPerMinute: 0 })
  try {
    const { refreshToken, clientId, clientSecret } = simulator
    await using gate = await openGate(simulator.url, '/gate')
    gate.put(refreshToken, backend ?? {})
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
    })
    const answer = await fetch(`${gate.url}/token`, { method: 'POST', body })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const main = join(import.meta.dirname, '../contract/main.ts')
    const args = [main, '--base', gate.url, '--token', token, '--only', only, '--units-per-second', '0']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    const [code] = await once(child, 'close')
    return { out, code }
  } finally {
    await simulator.close()
  }
}

test('the contract names what a Gmail leaves out', { timeout: 180_000 }, async () => {
  const { out, code } = await contract(unlawful['has no history id'], 'getProfile')
  assert.match(out, /FAILS.*getProfile tells[^\n]*\n\s+historyId of the profile is missing/)
  assert.equal(code, 1)
})

test('the contract says which address is not there', { timeout: 180_000 }, async () => {
  const { out, code } = await contract(lawful['takes no uploads'], 'a media upload is the message itself')
  assert.match(out, /FAILS[^\n]*\n\s+\/upload\/gmail\/v1\/users\/me\/messages answered 404/)
  assert.equal(code, 1)
})

test('a Gmail that closes each connection holds the contract', { timeout: 180_000 }, async () => {
  const { out, code } = await contract(lawful['closes the connection after each answer'], 'getProfile')
  assert.match(out, /1 hold, 0 fail/)
  assert.equal(code, 0)
})

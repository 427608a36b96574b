import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { startSimulator } from '#simulator/simulator.ts'

type Simulator = Awaited<ReturnType<typeof startSimulator>>

interface Outcome {
  code: number | null
  out: string
  err: string
}

const quick = ['--units-per-second', '0', '--patience', '0']

/** The program as a person runs it. */
async function contract(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, CONTRACT_TOKEN: '', NO_PROXY: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

async function tokenFor(simulator: Simulator, scope: string): Promise<string> {
  const response = await fetch(`${simulator.control}/grant`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scopes: [`https://www.googleapis.com/auth/${scope}`] }),
  })
  return ((await response.json()) as { token: string }).token
}

async function read<T>({ url, token }: Simulator, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/gmail/v1/users/me/${path}`, { headers })
  return (await response.json()) as T
}

async function labelNames(simulator: Simulator): Promise<string[]> {
  const { labels } = await read<{ labels: { name: string }[] }>(simulator, 'labels')
  return labels.map(({ name }) => name)
}

describe('npm run contract', () => {
  let simulator: Simulator
  before(async () => {
    simulator = await startSimulator({ port: 0, quotaPerMinute: 0 })
  })
  after(() => simulator.close())

  it('tells each sentence and its source, ends with 0, and leaves nothing behind', async () => {
    const token = await tokenFor(simulator, 'gmail.modify')
    const { code, out, err } = await contract('--base', simulator.url, '--token', token, ...quick)
    assert.equal(code, 0, out)
    assert.equal(err, '')
    assert.match(out, /^ {2}holds {4}a name that exists is a 409 \(F§2\.9\)$/m)
    assert.match(out, /^ {2}skipped {2}delete is for ever.*: the token's scopes do not permit messages\/…$/m)
    assert.match(out, /^ {2}skipped .*: it sends mail to the account itself: only with --send$/m)
    assert.match(out, /\d+ hold, 0 fail, 0 differ/)
    assert.deepEqual(
      (await labelNames(simulator)).filter((name) => name.startsWith('postern')),
      [],
    )
  })

  it('makes nothing with a token that may only read or only insert', async () => {
    for (const scope of ['gmail.readonly', 'gmail.metadata', 'gmail.insert', 'gmail.send']) {
      const token = await tokenFor(simulator, scope)
      const there = await read(simulator, 'profile')
      const { code, out } = await contract('--base', simulator.url, '--token', token, '--send', ...quick)
      assert.equal(code, 0, `${scope}\n${out}`)
      assert.match(out, /[1-9]\d* hold, 0 fail/)
      assert.deepEqual(await read(simulator, 'profile'), there, scope)
    }
  })

  it('ends with 1 when a fact does not hold', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, out } = await contract('--base', base, '--token', 't', '--only', 'shapes', ...quick)
    server.close()
    assert.equal(code, 1)
    assert.match(out, /^ {2}FAILS {4}getProfile tells the address/m)
  })

  it('ends with 2 and one line when it cannot begin', async () => {
    const refused = await contract('--base', simulator.url, '--token', 'none')
    assert.deepEqual([refused.code, refused.out], [2, ''])
    assert.match(refused.err, /^Cannot begin with http.*: the token is refused\n$/)
    const nowhere = await contract('--base', `${simulator.url}/nowhere/`, '--token', simulator.token)
    assert.equal(nowhere.code, 2)
    assert.match(nowhere.err, /^Cannot begin with .*: there is no Gmail API: it answers 404 and no JSON\n$/)
    const closed = await contract('--base', 'http://127.0.0.1:1', '--token', 't')
    assert.equal(closed.code, 2)
    assert.match(closed.err, /^Cannot begin with .*: it cannot be reached: /)
    assert.equal((await contract('--base', simulator.url)).code, 2)
  })
})

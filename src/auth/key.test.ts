import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { KeyError, loadKey } from './key.ts'

const windows = process.platform === 'win32'
let dataDir = ''

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postern-key-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

function load(env: NodeJS.ProcessEnv = {}): Promise<Buffer> {
  return loadKey({ env, dataDir, randomBytes })
}

function says(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof KeyError)
    assert.match(error.message, pattern)
    return true
  }
}

describe('loadKey', () => {
  it('takes POSTERN_KEY as base64, base64url and hexadecimal', async () => {
    const key = randomBytes(32)
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      assert.deepEqual(await load({ POSTERN_KEY: ` ${key.toString(encoding)}\n` }), key)
    assert.deepEqual(await readdir(dataDir), [])
  })

  it('makes the same key of the same passphrase, and refuses a short one without printing it', async () => {
    const first = await load({ POSTERN_KEY: 'correct horse battery staple' })
    assert.equal(first.length, 32)
    assert.deepEqual(await load({ POSTERN_KEY: 'correct horse battery staple' }), first)
    await assert.rejects(load({ POSTERN_KEY: 'hunter2' }), (error: Error) => {
      assert.match(error.message, /^POSTERN_KEY is too short.*openssl/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  })

  it('makes a key file on the first start and reads it on the next', async () => {
    const first = await load()
    assert.deepEqual(await load(), first)
    assert.deepEqual(await readdir(dataDir), ['postern.key'])
    if (!windows) assert.equal((await stat(join(dataDir, 'postern.key'))).mode & 0o777, 0o600)
  })

  it('gives ten processes that start at once the same key', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => load()))
    assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, 1)
    assert.deepEqual(await readdir(dataDir), ['postern.key'])
  })

  it('makes no new key beside a store whose key is missing', async () => {
    await writeFile(join(dataDir, 'postern.db'), 'sealed')
    await assert.rejects(load(), says(/postern\.key is missing, but .*postern\.db was sealed with it/))
    assert.deepEqual(await readdir(dataDir), ['postern.db'])
  })

  it('refuses a damaged key file and leaves it as it is', async () => {
    const path = join(dataDir, 'postern.key')
    await writeFile(path, 'short', { mode: 0o600 })
    await assert.rejects(load(), says(/postern\.key is too short/))
    assert.equal(await readFile(path, 'utf8'), 'short')
  })

  it('refuses a key file that others can read, and says what to do', { skip: windows }, async () => {
    await load()
    await chmod(join(dataDir, 'postern.key'), 0o640)
    await assert.rejects(load(), says(/mode 640.*chmod 600/))
  })

  it('reads POSTERN_KEY_FILE, also when the group may, and makes none', async () => {
    const path = join(dataDir, 'elsewhere')
    await assert.rejects(load({ POSTERN_KEY_FILE: path }), says(/POSTERN_KEY_FILE names .* does not exist/))
    const key = randomBytes(32)
    await writeFile(path, key.toString('hex'), { mode: 0o440 })
    assert.deepEqual(await load({ POSTERN_KEY_FILE: path }), key)
    await chmod(path, 0o444)
    if (!windows) await assert.rejects(load({ POSTERN_KEY_FILE: path }), says(/mode 444/))
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPostern, withFolder } from '../postern.ts'
import { without } from '../program.ts'

/** Status, headers and body, as curl got them. */
function curl(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('curl', ['--silent', '--show-error', '--include', ...args], (error, out) =>
      error === null ? resolve(out) : reject(error),
    )
  })
}

const noCurl = without('curl')

test('pages that ask for the admin password: signed in by curl, over TLS', { skip: noCurl }, async () => {
  await withFolder(async (dir) => {
    const environment = {
      POSTERN_DATA_DIR: dir,
      POSTERN_WEB_TLS: 'on',
      POSTERN_WEB_PUBLIC_URL: 'https://localhost',
      POSTERN_AUDIT_LOG: 'stderr',
    }
    const bridge = await startPostern(['serve'], environment)
    const { url } = bridge.ready.web
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
    const file = join(dir, 'first-admin-password')
    const password = readFileSync(file, 'utf8').trim()
    await bridge.logged('first-admin-password')
    const { certificate } = JSON.parse(readFileSync(join(dir, 'authority.json'), 'utf8')) as {
      certificate: string
    }
    const ca = join(dir, 'ca.pem')
    writeFileSync(ca, certificate)
    const jar = join(dir, 'jar')
    const own = ['--cacert', ca, '--cookie', jar, '--cookie-jar', jar]
    assert.match(await curl(...own, `${url}/`), /^HTTP\/1\.1 401 [^]*Admin password/)
    assert.match(await curl(...own, `${url}/metrics`), /^HTTP\/1\.1 401 /)
    assert.match(
      await curl(...own, '--data-urlencode', 'password=wrong', `${url}/sign-in`),
      /^HTTP\/1\.1 403 /,
    )
    assert.ok(existsSync(file))
    assert.match(
      await curl(...own, '--data-urlencode', `password=${password}`, `${url}/sign-in`),
      /^HTTP\/1\.1 303 [^]*location: \/\r\n/,
    )
    assert.ok(!existsSync(file), 'it is known now')
    const overview = await curl(...own, `${url}/`)
    assert.match(overview, /^HTTP\/1\.1 200 [^]*Your mailboxes/)
    assert.match(await curl(...own, `${url}/metrics`), /postern_logins_total\{protocol="web",result="ok"\} 1/)
    const token = /action="\/sign-out">\s*<input type="hidden" name="token" value="([^"]+)"/.exec(
      overview,
    )?.[1]
    assert.match(await curl(...own, '--data', `token=${token}`, `${url}/sign-out`), /^HTTP\/1\.1 303 /)
    assert.match(await curl(...own, `${url}/`), /^HTTP\/1\.1 401 /)
    assert.match(await curl(url.replace('https:', 'http:')), /^HTTP\/1\.1 307 [^]*location: https:/i)
    assert.equal(await bridge.stop(), 0)
    const audited = bridge
      .log()
      .split('\n')
      .filter((line) => line.includes('"stream":"audit"'))
      .map((line) => JSON.parse(line) as Record<string, string>)
    assert.deepEqual(
      audited.map(({ action, by, from, result }) => [action, by, from, result]),
      [
        ['login-refused', 'web', '127.0.0.1', 'password'],
        ['login', 'web', '127.0.0.1', 'ok'],
      ],
    )
    for (const secret of [password, password.replaceAll('-', '')]) assert.ok(!bridge.log().includes(secret))

    const again = await startPostern(['serve'], environment)
    assert.ok(!existsSync(file))
    const { url: next } = again.ready.web
    assert.match(
      await curl(...own, '--data-urlencode', `password=${password}`, `${next}/sign-in`),
      /^HTTP\/1\.1 303 /,
    )
    assert.equal(await again.stop(), 0)
  })
})

test(
  'the operator’s own password opens the pages, and one that is too short stops the start',
  { skip: noCurl },
  async () => {
    await withFolder(async (dir) => {
      const passwordFile = join(dir, 'password')
      writeFileSync(passwordFile, 'Zwetschgen-Datschi\n')
      const environment = { POSTERN_DATA_DIR: join(dir, 'data'), POSTERN_ADMIN_PASSWORD_FILE: passwordFile }
      const bridge = await startPostern(['serve'], environment)
      const { url } = bridge.ready.web
      assert.match(url, /^http:/)
      assert.match(await curl(`${url}/`), /^HTTP\/1\.1 401 /)
      assert.match(await curl('--data', 'password=Zwetschgen-Datschi', `${url}/sign-in`), /^HTTP\/1\.1 303 /)
      assert.equal(await bridge.stop(), 0)
      writeFileSync(passwordFile, 'Zwetschge\n')
      await assert.rejects(startPostern(['serve'], environment), (error: Error) => {
        assert.match(error.message, /postern: POSTERN_ADMIN_PASSWORD_FILE .*at least 12 characters/)
        return !error.message.includes('Zwetschge')
      })
    })
  },
)

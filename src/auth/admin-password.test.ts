import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import {
  adminPasswordFrom,
  AdminPasswordError,
  chosenAdminPassword,
  hasOwnAdminPassword,
  ownAdminPassword,
} from './admin-password.ts'

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-admin-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

function tellNobody(): Promise<void> {
  return Promise.reject(new Error('the disk is full'))
}

test('an admin password is made once, told once, and kept as a hash', async (t) => {
  const dir = await folder(t)
  const told: string[] = []
  const tell = async (made: string) => void told.push(made)
  assert.equal(await hasOwnAdminPassword(dir), false)
  const first = await ownAdminPassword(dir, { randomBytes, tell })
  const [made = ''] = told
  assert.match(made, /^[a-z]{4}(-[a-z]{4}){3}$/)
  assert.equal(await first.isRight(made), true)
  const again = await ownAdminPassword(dir, { randomBytes, tell })
  assert.equal(told.length, 1)
  assert.equal(await hasOwnAdminPassword(dir), true)
  assert.equal(await again.isRight(made), true)
  assert.equal(await again.isRight(made.replaceAll('-', ' ').toUpperCase()), true)
  for (const wrong of ['', 'x', `${made}x`, made.slice(1)]) assert.equal(await again.isRight(wrong), false)
  const [name = '', ...others] = await readdir(dir)
  assert.deepEqual(others, [])
  assert.ok(!(await readFile(join(dir, name), 'utf8')).includes(made.replaceAll('-', '')))
  if (process.platform !== 'win32') assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600)
})

test('a password that could be told to nobody is not kept', async (t) => {
  const dir = await folder(t)
  await assert.rejects(ownAdminPassword(dir, { randomBytes, tell: tellNobody }), /disk is full/)
  assert.equal(await hasOwnAdminPassword(dir), false)
})

test('a file that holds no hash opens nothing and is not made anew', async (t) => {
  const dir = await folder(t)
  await ownAdminPassword(dir, { randomBytes, tell: async () => {} })
  const [name = ''] = await readdir(dir)
  for (const text of ['', 'open sesame', 'scrypt-15-8-1$$', 'scrypt-15-8-1$AAAA$AAAA']) {
    await writeFile(join(dir, name), text)
    await assert.rejects(
      ownAdminPassword(dir, { randomBytes, tell: tellNobody }),
      (error) => error instanceof AdminPasswordError && error.message.includes(name),
    )
    assert.equal(await readFile(join(dir, name), 'utf8'), text)
  }
})

test('a chosen password is compared as it is, and a short one is refused without being told', async () => {
  const chosen = chosenAdminPassword('Zwetschgen-Datschi', 'POSTERN_ADMIN_PASSWORD')
  assert.equal(await chosen.isRight('Zwetschgen-Datschi'), true)
  for (const wrong of ['zwetschgen-datschi', 'ZwetschgenDatschi', '', 'Zwetschgen-Datschi '])
    assert.equal(await chosen.isRight(wrong), false)
  assert.throws(
    () => chosenAdminPassword('Zwetschge', 'POSTERN_ADMIN_PASSWORD'),
    (error) =>
      error instanceof AdminPasswordError &&
      /^POSTERN_ADMIN_PASSWORD: .*at least 12/.test(error.message) &&
      !error.message.includes('Zwetschge'),
  )
})

test('a password file ends with its first line, however that ends', async (t) => {
  const file = join(await folder(t), 'password')
  for (const text of ['Zwetschgen-Datschi', 'Zwetschgen-Datschi\n', 'Zwetschgen-Datschi\r\nmore\n']) {
    await writeFile(file, text)
    assert.equal(await (await adminPasswordFrom(file)).isRight('Zwetschgen-Datschi'), true)
  }
  await writeFile(file, '\n')
  await assert.rejects(adminPasswordFrom(file), AdminPasswordError)
  await assert.rejects(adminPasswordFrom(`${file}-none`), /ENOENT/)
})

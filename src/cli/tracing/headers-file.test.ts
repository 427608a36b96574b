import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Complaint } from '../complaint.ts'
import { openHeadersFile } from './headers-file.ts'

const complaint = (pattern: RegExp) => (error: unknown) =>
  error instanceof Complaint && pattern.test(error.message) && !error.message.includes('hunter2')

test('headers are read anew each time, and stay as they were while the file cannot be used', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'postern-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const path = join(dir, 'headers')
  await writeFile(path, '# keys\r\nAuthorization: Bearer a:b=\r\n\r\nX-Scope-OrgID : 1\r\n')
  const headers = await openHeadersFile(path)
  const first = { Authorization: 'Bearer a:b=', 'X-Scope-OrgID': '1' }
  assert.deepEqual(await headers.current(), first)
  await writeFile(path, 'nonsense')
  assert.deepEqual(await headers.current(), first)
  await writeFile(path, 'Authorization: Bearer c')
  assert.deepEqual(await headers.current(), { Authorization: 'Bearer c' })
  await rm(path)
  assert.deepEqual(await headers.current(), { Authorization: 'Bearer c' })
})

test('a file that cannot be used is complained of by its name and line, not by what it holds', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'postern-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const path = join(dir, 'headers')
  await assert.rejects(openHeadersFile(path), complaint(/cannot be read \(ENOENT\)/))
  for (const text of ['hunter2', ': hunter2', 'Bad name: hunter2', 'A: hunter2\u0000']) {
    await writeFile(path, `A: b\n${text}`)
    await assert.rejects(openHeadersFile(path), complaint(/headers:2 is no header/))
  }
})

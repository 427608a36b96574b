import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { accountId } from '#mail/ids.ts'
import { bookLog, HandClock } from '#auth/testing/hand-clock.ts'
import { openAuditLog } from './audit-log.ts'
import type { AuditEntry, AuditLog } from './audit-log.ts'

let folder = ''
let path = ''
let clock: HandClock
let log: ReturnType<typeof bookLog>
let audit: AuditLog | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-audit-'))
  path = join(folder, 'audit.log')
  clock = new HandClock()
  log = bookLog()
})
afterEach(() => {
  audit?.close()
  audit = undefined
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const entry: AuditEntry = { action: 'expunge', account: accountId(1), messages: 2, result: 'ok' }
const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('an entry is one line of JSON with its time, on disk when it is recorded', () => {
  audit = openAuditLog(path, { clock, log })
  audit?.record(entry)
  const [line] = lines(path)
  assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.deepEqual({ ...line, time: '' }, { time: '', stream: 'audit', ...entry })
})

test(
  'only the owner can read the file, and what is in it stays',
  { skip: process.platform === 'win32' },
  () => {
    audit = openAuditLog(path, { clock, log })
    audit?.record(entry)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    audit?.close()
    chmodSync(path, 0o640)
    audit = openAuditLog(path, { clock, log })
    audit?.record(entry)
    assert.equal(lines(path).length, 2)
    assert.equal(statSync(path).mode & 0o777, 0o640, 'as the operator wants it')
  },
)

test(
  'a file that was moved, replaced or removed is opened again',
  { skip: process.platform === 'win32' },
  () => {
    audit = openAuditLog(path, { clock, log })
    audit?.record(entry)
    renameSync(path, `${path}.1`)
    audit?.record(entry)
    assert.equal(lines(`${path}.1`).length, 2, 'nobody looks twice in a second')
    clock.advance(1000)
    audit?.record(entry)
    assert.equal(lines(path).length, 1)
    renameSync(path, `${path}.2`)
    writeFileSync(path, '')
    audit?.reopen()
    audit?.record(entry)
    assert.equal(lines(path).length, 1)
    rmSync(path)
    clock.advance(1000)
    audit?.record(entry)
    assert.equal(lines(path).length, 1)
    assert.deepEqual([lines(`${path}.1`).length, lines(`${path}.2`).length], [2, 1])
    assert.deepEqual(log.lines, [])
  },
)

test('a file that cannot be opened stops the start, and later is told in the log and not to who does something', () => {
  assert.throws(() => openAuditLog(join(folder, 'missing', 'a.log'), { clock, log }), /POSTERN_AUDIT_LOG/)
  const inside = join(folder, 'gone')
  writeFileSync(path, '')
  audit = openAuditLog(path, { clock, log })
  renameSync(path, inside)
  // A folder in the file's place.
  mkdirSync(path)
  audit?.reopen()
  audit?.reopen()
  audit?.record(entry)
  assert.equal(log.lines.length, 1)
  assert.match(log.lines[0] ?? '', /the audit log cannot be written .*EISDIR/)
  assert.equal(lines(inside).length, 1, 'the old file goes on')
})

test('off is no audit log at all', () => {
  assert.equal(openAuditLog('off', { clock, log }), undefined)
})

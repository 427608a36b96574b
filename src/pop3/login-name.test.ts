import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLoginName } from './login-name.ts'

test('a user name is an address, with recent: before it and a mailbox after it', () => {
  const table: [string, string, boolean, string | undefined][] = [
    ['ada@x.test', 'ada@x.test', false, undefined],
    ['recent:ada@x.test', 'ada@x.test', true, undefined],
    ['Recent: ada@x.test', 'ada@x.test', true, undefined],
    ['ada@x.test/Work', 'ada@x.test', false, 'Work'],
    ['ada@x.test/Work/2026 Ärger', 'ada@x.test', false, 'Work/2026 Ärger'],
    ['recent:ada@x.test/[Gmail]/All Mail', 'ada@x.test', true, '[Gmail]/All Mail'],
    ['ada@x.test/', 'ada@x.test', false, undefined],
    ['ada/b@x.test', 'ada/b@x.test', false, undefined],
    ['no address/Work', 'no address/Work', false, undefined],
    ['', '', false, undefined],
  ]
  for (const [user, address, recent, mailbox] of table)
    assert.deepEqual(parseLoginName(user), { address, recent, mailbox }, user)
})

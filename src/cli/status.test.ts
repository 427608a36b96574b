import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountId } from '#mail/ids.ts'
import type { AccountReport } from './account-book.ts'
import { serversOf } from './client-settings.ts'
import { Complaint } from './complaint.ts'
import { readConfig } from './settings.ts'
import { statusText } from './status.ts'

const report: AccountReport = {
  id: accountId(1),
  address: 'ada@x.test',
  access: 'modify',
  phase: 'live',
  messages: 200,
  hydrated: 100,
  mailboxes: { whole: 1, total: 1 },
  listed: 0,
  alert: undefined,
  lastPollAt: undefined,
  etaMs: 90_000,
}

test('status has bars on a terminal and plain lines elsewhere', () => {
  assert.equal(statusText([report], false), 'ada@x.test: live, 100 of 200 messages read, about 2 min left\n')
  assert.match(statusText([report], true), /^ada@x\.test: \[#{15}\.{15}\] live/)
  const whole = { ...report, messages: 0, hydrated: 0 }
  assert.match(statusText([whole], true), /\[#{30}\] live, 0 of 0 messages read\n$/)
  assert.equal(statusText([{ ...report, alert: 'Connect it again' }], true), 'ada@x.test: Connect it again\n')
  assert.equal(statusText([{ ...report, access: 'send' }], true), 'ada@x.test: connected for sending only\n')
  assert.match(statusText([], false), /account add/)
})

test('settings take the doors from the configuration', () => {
  const servers = serversOf(readConfig({ POSTERN_POP3_PORT: 'off', POSTERN_POP3S_PORT: 'off' }))
  assert.deepEqual(
    servers.map(({ protocol, port, security }) => `${protocol} ${port} ${security}`),
    ['IMAP 1993 TLS', 'IMAP 1143 STARTTLS', 'SMTP 1465 TLS', 'SMTP 1587 STARTTLS'],
  )
  assert.throws(() => serversOf(readConfig({ POSTERN_IMAP_PORT: '0' })), Complaint)
})

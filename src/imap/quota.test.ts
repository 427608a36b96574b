import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getQuota } from './commands/getquota.ts'
import { getQuotaRoot } from './commands/getquotaroot.ts'
import { ProtocolError } from './parser.ts'
import { createMemoryMailstore } from './testing/memory-mailstore.ts'
import { authenticated, run } from './testing/run-command.ts'

const mailstore = createMemoryMailstore({
  address: 'ada@example.org',
  mailboxes: [
    { name: 'INBOX', role: 'inbox' },
    { name: '[Gmail]', selectable: false },
    { name: '[Gmail]/All Mail', role: 'all' },
    { name: '[Gmail]/Sent Mail', role: 'sent' },
    { name: 'Work', selectable: false },
    { name: 'Work/2026' },
    { name: 'Grüße' },
  ],
})
const context = authenticated(mailstore)

async function told(text: string, enabled: 'UTF8=ACCEPT'[] = []): Promise<readonly string[]> {
  return (await run(getQuotaRoot, authenticated(mailstore, { enabled }), text)).lines
}

// INBOX, Sent Mail, Work/2026, Grüße.
const quota = '* QUOTA "" (MAILBOX 4 10000)'

test('GETQUOTA counts labels: neither All Mail nor names that only have children', async () => {
  assert.deepEqual(await run(getQuota, context, ' ""').then(({ lines }) => lines), [quota])
})

test('there is one quota root only', async () => {
  for (const text of [' "#user/ada"', ' INBOX', ' NIL']) {
    const { lines, completion } = await run(getQuota, context, text)
    assert.deepEqual(lines, [], text)
    assert.deepEqual([completion?.status, completion?.code], ['NO', 'NONEXISTENT'], text)
  }
})

test('GETQUOTAROOT tells the root of every mailbox, also of one that is still to be made', async () => {
  assert.deepEqual(await told(' inbox'), ['* QUOTAROOT "INBOX" ""', quota])
  assert.deepEqual(await told(' "Work/New one"'), ['* QUOTAROOT "Work/New one" ""', quota])
  assert.deepEqual(await told(' Work'), ['* QUOTAROOT "Work" ""', quota])
  assert.deepEqual(await told(' Gr&APwA3w-e'), ['* QUOTAROOT "Gr&APwA3w-e" ""', quota])
  assert.deepEqual(await told(' "Gr\xc3\xbc\xc3\x9fe"', ['UTF8=ACCEPT']), [
    '* QUOTAROOT "Gr\xc3\xbc\xc3\x9fe" ""',
    quota,
  ])
})

test('All Mail is no label, and the limit on labels does not count for it', async () => {
  assert.deepEqual(await told(' "[Gmail]/All Mail"'), ['* QUOTAROOT "[Gmail]/All Mail"'])
})

test('what is not well formed is BAD', async () => {
  for (const text of ['', ' ', ' "" ""', ' "', ' (MAILBOX)'])
    for (const command of [getQuota, getQuotaRoot])
      await assert.rejects(run<never, typeof context>(command as never, context, text), ProtocolError, text)
  await assert.rejects(run(getQuotaRoot, context, ' "a\tb"'), ProtocolError)
})

test('a login that may see some mailboxes only learns neither names nor how many there are', async () => {
  const narrow = authenticated(mailstore, { rights: { mailboxes: ['INBOX'] } })
  assert.deepEqual((await run(getQuotaRoot, narrow, ' INBOX')).lines, ['* QUOTAROOT "INBOX"'])
  assert.equal((await run(getQuota, narrow, ' ""')).completion?.status, 'NO')
  const [there, nowhere] = [
    await run(getQuotaRoot, narrow, ' Work/2026'),
    await run(getQuotaRoot, narrow, ' No'),
  ]
  assert.equal(there.completion?.code, 'NOPERM')
  assert.deepEqual(there, nowhere)
})

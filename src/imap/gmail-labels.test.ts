import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Extension } from './command.ts'
import { fetch } from './commands/fetch.ts'
import { search } from './commands/search.ts'
import { ProtocolError } from './parser.ts'
import { createMemoryMailstore } from './testing/memory-mailstore.ts'
import { run, selected } from './testing/run-command.ts'

const mailstore = createMemoryMailstore({
  address: 'a@x.test',
  mailboxes: [
    {
      name: 'INBOX',
      role: 'inbox',
      messages: [
        { bytes: 'Subject: one\r\n\r\n', labels: ['Work', 'Grüße & "so"', '[Gmail]/Starred'] },
        { bytes: 'Subject: two\r\n\r\n', labels: ['Work'] },
        { bytes: 'Subject: three\r\n\r\n' },
      ],
    },
    { name: '[Gmail]/Starred', role: 'flagged' },
  ],
})

function inMailbox(name: string, enabled: readonly Extension[] = []) {
  return selected(mailstore, name, { enabled })
}

test('X-GM-LABELS names every label but that of the mailbox, as Gmail writes them', async () => {
  const inbox = await run(fetch, await inMailbox('INBOX'), ' 1:* X-GM-LABELS')
  const [first = '', ...others] = inbox.lines
  assert.match(
    first,
    /^\* 1 FETCH \(X-GM-LABELS \((?=.*"\\\\Starred")(?=.*"Work")(?=.*"Gr&APwA3w-e &- \\"so\\"").*\)\)$/,
  )
  assert.deepEqual(others, ['* 2 FETCH (X-GM-LABELS ("Work"))', '* 3 FETCH (X-GM-LABELS ())'])
  const work = await run(fetch, await inMailbox('Work'), ' 2 (X-GM-LABELS UID)')
  assert.deepEqual(work.lines, ['* 2 FETCH (UID 2 X-GM-LABELS ("\\\\Inbox"))'])
})

test('labels are UTF-8 once that is enabled', async () => {
  const { text } = await run(fetch, await inMailbox('INBOX', ['UTF8=ACCEPT']), ' 1 X-GM-LABELS')
  assert.ok(
    Buffer.from(text, 'latin1')
      .toString('utf8')
      .includes(String.raw`"Grüße & \"so\""`),
  )
})

test('labels come with whatever else is asked for, read or not', async () => {
  const context = await inMailbox('INBOX')
  const { lines } = await run(fetch, context, ' 2 (RFC822.SIZE X-GM-LABELS X-GM-MSGID FLAGS)')
  assert.match(
    lines[0] ?? '',
    /^\* 2 FETCH \(RFC822.SIZE 16 X-GM-LABELS \("Work"\) X-GM-MSGID \d+ FLAGS \(\)\)$/,
  )
  const { text } = await run(fetch, context, ' 2 (X-GM-LABELS BODY.PEEK[HEADER])')
  assert.match(text, /X-GM-LABELS \("Work"\) BODY\[HEADER\] \{16\}/)
})

test('SEARCH finds messages by label, in any letter case, their own mailbox too', async () => {
  const context = await inMailbox('INBOX')
  const table: [string, string][] = [
    ['X-GM-LABELS Work', '1 2'],
    ['X-GM-LABELS "work"', '1 2'],
    [String.raw`X-GM-LABELS \Starred`, '1'],
    [String.raw`X-GM-LABELS "\\Starred"`, '1'],
    [String.raw`NOT X-GM-LABELS \starred X-GM-LABELS Work`, '2'],
    [String.raw`X-GM-LABELS \Inbox`, '1 2 3'],
    ['X-GM-LABELS Nothing', ''],
    ['X-GM-LABELS "Gr&APwA3w-e &- \\"so\\""', '1'],
    ['OR X-GM-LABELS Work SUBJECT three', '1 2 3'],
  ]
  for (const [keys, found] of table)
    assert.deepEqual((await run(search, context, ` ${keys}`)).lines, [`* SEARCH ${found}`.trimEnd()], keys)
})

test('a label that is no name is wrong', async () => {
  const context = await inMailbox('INBOX')
  await assert.rejects(run(search, context, ' X-GM-LABELS "&AA0-"'), ProtocolError)
  await assert.rejects(run(search, context, ' X-GM-LABELS'), ProtocolError)
})

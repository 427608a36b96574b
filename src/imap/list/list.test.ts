import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MailError } from '#mail/errors.ts'
import { list } from '../commands/list.ts'
import { lsub } from '../commands/lsub.ts'
import { namespace } from '../commands/namespace.ts'
import { status } from '../commands/status.ts'
import { xlist } from '../commands/xlist.ts'
import { ProtocolError } from '../parser.ts'
import { createMemoryMailstore } from '../testing/memory-mailstore.ts'
import { authenticated, run } from '../testing/run-command.ts'

const mail = 'From: a@example.org\r\n\r\nHello\r\n'

const mailstore = createMemoryMailstore({
  address: 'ada@example.org',
  mailboxes: [
    {
      name: 'INBOX',
      role: 'inbox',
      messages: [{ bytes: mail }, { bytes: mail, flags: ['\\Seen'] }],
    },
    { name: '[Gmail]', selectable: false },
    { name: '[Gmail]/All Mail', role: 'all' },
    { name: '[Gmail]/Drafts', role: 'drafts' },
    { name: '[Gmail]/Important', role: 'important' },
    { name: '[Gmail]/Sent Mail', role: 'sent' },
    { name: '[Gmail]/Spam', role: 'junk' },
    { name: '[Gmail]/Starred', role: 'flagged' },
    { name: '[Gmail]/Trash', role: 'trash' },
    { name: 'Entwürfe & mehr', subscribed: false },
    { name: 'Work', subscribed: false },
    { name: 'Work/2026', subscribed: false },
    { name: 'Work/2026/May' },
  ],
})
mailstore.setFlags('INBOX', 2, ['\\Seen', '\\Deleted'])
const context = authenticated(mailstore)

async function listed(text: string): Promise<readonly string[]> {
  return (await run(list, context, text)).lines
}

async function lsubbed(text: string): Promise<readonly string[]> {
  return (await run(lsub, context, text)).lines
}

test('a plain LIST tells special use, children and what cannot be selected', async () => {
  assert.deepEqual(await listed(' "" "*"'), [
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\HasNoChildren) "/" "Entw&APw-rfe &- mehr"',
    '* LIST (\\HasChildren) "/" "Work"',
    '* LIST (\\HasChildren) "/" "Work/2026"',
    '* LIST (\\HasNoChildren) "/" "Work/2026/May"',
    '* LIST (\\Noselect \\HasChildren) "/" "[Gmail]"',
    '* LIST (\\HasNoChildren \\All) "/" "[Gmail]/All Mail"',
    '* LIST (\\HasNoChildren \\Drafts) "/" "[Gmail]/Drafts"',
    '* LIST (\\HasNoChildren \\Important) "/" "[Gmail]/Important"',
    '* LIST (\\HasNoChildren \\Sent) "/" "[Gmail]/Sent Mail"',
    '* LIST (\\HasNoChildren \\Junk) "/" "[Gmail]/Spam"',
    '* LIST (\\HasNoChildren \\Flagged) "/" "[Gmail]/Starred"',
    '* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Trash"',
  ])
})

test('an empty pattern asks for the delimiter', async () => {
  assert.deepEqual(await listed(' "" ""'), ['* LIST (\\Noselect) "/" ""'])
})

test('a percent sign stays in its level, the reference goes before the pattern', async () => {
  assert.deepEqual(await listed(' "" Work/%'), ['* LIST (\\HasChildren) "/" "Work/2026"'])
  assert.deepEqual(await listed(' "Work/" %'), ['* LIST (\\HasChildren) "/" "Work/2026"'])
  assert.deepEqual(await listed(' "" inbox'), ['* LIST (\\HasNoChildren) "/" "INBOX"'])
})

test('a name with an umlaut is found by modified UTF-7, by raw UTF-8, and as UTF-8 once that is enabled', async () => {
  const line = '* LIST (\\HasNoChildren) "/" "Entw&APw-rfe &- mehr"'
  assert.deepEqual(await listed(' "" "Entw&APw-rfe*"'), [line])
  assert.deepEqual(await listed(' "" "Entw\xc3\xbcrfe & mehr"'), [line])
  const utf8 = authenticated(mailstore, { enabled: ['UTF8=ACCEPT'] })
  assert.deepEqual((await run(list, utf8, ' "" "Entw\xc3\xbcrfe & mehr"')).lines, [
    '* LIST (\\HasNoChildren) "/" "Entw\xc3\xbcrfe & mehr"',
  ])
})

test('several patterns show a name once', async () => {
  assert.deepEqual(await listed(' "" ("INBOX" "I*" Work) RETURN (CHILDREN SPECIAL-USE)'), [
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\HasChildren) "/" "Work"',
  ])
})

test('SUBSCRIBED selects and tells \\Subscribed, in the form Thunderbird uses', async () => {
  assert.deepEqual(await listed(' (subscribed) "" "W*" return (special-use)'), [
    '* LIST (\\HasNoChildren \\Subscribed) "/" "Work/2026/May"',
  ])
})

test('RETURN (SUBSCRIBED) selects nothing', async () => {
  assert.deepEqual(await listed(' "" "Work%" RETURN (SUBSCRIBED)'), ['* LIST (\\HasChildren) "/" "Work"'])
})

test('RECURSIVEMATCH tells that something below is subscribed, where it is not shown itself', async () => {
  assert.deepEqual(await listed(' (SUBSCRIBED RECURSIVEMATCH) "" "W%"'), [
    '* LIST (\\HasChildren) "/" "Work" ("CHILDINFO" ("SUBSCRIBED"))',
  ])
  assert.deepEqual(await listed(' (SUBSCRIBED RECURSIVEMATCH) "" "W*"'), [
    '* LIST (\\HasNoChildren \\Subscribed) "/" "Work/2026/May"',
  ])
})

test('SPECIAL-USE selects the mailboxes that have one', async () => {
  assert.deepEqual(await listed(' (SPECIAL-USE) "" "*T*"'), [
    '* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Trash"',
  ])
})

test('RETURN (STATUS …) follows with the counts of what can be selected', async () => {
  assert.deepEqual(await listed(' "" (INBOX "[Gmail]") RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN))'), [
    '* LIST (\\HasNoChildren \\Subscribed) "/" "INBOX"',
    '* LIST (\\NonExistent \\Noselect \\HasChildren \\Subscribed) "/" "[Gmail]"',
    '* STATUS "INBOX" (MESSAGES 2 UNSEEN 1)',
  ])
})

test('a login with few rights sees its mailboxes and the way to them', async () => {
  const few = authenticated(mailstore, { rights: { mailboxes: ['Work/2026', 'inbox'] } })
  assert.deepEqual((await run(list, few, ' "" "*"')).lines, [
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\Noselect \\HasChildren) "/" "Work"',
    '* LIST (\\HasNoChildren) "/" "Work/2026"',
  ])
  await assert.rejects(run(status, few, ' Work/2026/May (MESSAGES)'), MailError)
})

for (const bad of [
  '',
  ' ""',
  ' "" (',
  ' "" ()',
  ' "" * x',
  ' (RECURSIVEMATCH) "" *',
  ' (RECURSIVEMATCH REMOTE) "" *',
  ' (NONSENSE) "" *',
  ' "" * RETURN (NONSENSE)',
  ' "" * RETURN (STATUS ())',
  ` "" (${'* '.repeat(101).trim()})`,
])
  test(`LIST${bad.slice(0, 40)} is refused`, async () => {
    await assert.rejects(listed(bad), ProtocolError)
  })

test('a mailstore that is not ready is an error, never an empty list', async () => {
  const trouble = createMemoryMailstore({ address: 'ada@example.org', mailboxes: [] })
  trouble.trouble = new MailError('unavailable', 'Not now')
  await assert.rejects(run(list, authenticated(trouble), ' "" "*"'), MailError)
})

test('LSUB shows what is subscribed, and by % the unsubscribed parents of it as \\Noselect', async () => {
  assert.deepEqual(await lsubbed(' "" "W*"'), ['* LSUB (\\HasNoChildren) "/" "Work/2026/May"'])
  assert.deepEqual(await lsubbed(' "" "W%"'), ['* LSUB (\\Noselect \\HasChildren) "/" "Work"'])
  assert.deepEqual(await lsubbed(' "" ""'), ['* LSUB (\\Noselect) "/" ""'])
})

test('XLIST has the names Outlook knows', async () => {
  assert.deepEqual((await run(xlist, context, ' "" "*Mail*"')).lines, [
    '* XLIST (\\HasNoChildren \\AllMail) "/" "[Gmail]/All Mail"',
    '* XLIST (\\HasNoChildren \\Sent) "/" "[Gmail]/Sent Mail"',
  ])
  const { text } = await run(xlist, context, ' "" "%"')
  assert.match(text, /\(\\HasNoChildren \\Inbox\) "\/" "INBOX"/)
})

test('NAMESPACE is one personal namespace', async () => {
  assert.deepEqual((await run(namespace, context, '')).lines, ['* NAMESPACE (("" "/")) NIL NIL'])
})

test('STATUS gives every item', async () => {
  const items = 'MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ MAILBOXID'
  const fresh = authenticated(mailstore)
  const { text } = await run(status, fresh, ` inbox (${items})`)
  assert.match(
    text,
    /^\* STATUS "INBOX" \(MESSAGES 2 RECENT 0 UIDNEXT 3 UIDVALIDITY 1700000001 UNSEEN 1 DELETED 1 SIZE 60 HIGHESTMODSEQ \d+ MAILBOXID \(F1\)\)\r\n$/,
  )
  assert.ok(fresh.enabled.has('CONDSTORE'))
})

test('STATUS says no to a name that is not there or has only children, and bad to an unknown item', async () => {
  await assert.rejects(run(status, context, ' Nowhere (MESSAGES)'), { code: 'nonexistent' })
  await assert.rejects(run(status, context, ' [Gmail] (MESSAGES)'), { code: 'nonexistent' })
  await assert.rejects(run(status, context, ' INBOX (NONSENSE)'), ProtocolError)
  await assert.rejects(run(status, context, ' INBOX ()'), ProtocolError)
})

test('a size that is not known yet is worked out by reading the few messages that are missing, not many', async () => {
  const store = createMemoryMailstore({ address: 'a@x.test', mailboxes: [{ name: 'INBOX' }] })
  const counted = store.status.bind(store)
  store.status = async (id, signal) => ({ ...(await counted(id, signal)), sizeBytes: undefined })
  for (let i = 0; i < 64; i++) store.deliver('INBOX', { bytes: mail })
  store.forget()
  const wanted = `SIZE ${64 * mail.length}`
  const few = authenticated(store)
  assert.equal(
    (await run(status, few, ' INBOX (SIZE MESSAGES)')).text,
    `* STATUS "INBOX" (${wanted} MESSAGES 64)\r\n`,
  )
  const lines = (await run(list, few, ' "" INBOX RETURN (STATUS (SIZE))')).lines
  assert.equal(lines[1], `* STATUS "INBOX" (${wanted})`)
  store.deliver('INBOX', { bytes: mail })
  store.forget()
  assert.equal((await run(status, few, ' INBOX (SIZE MESSAGES)')).text, '* STATUS "INBOX" (MESSAGES 65)\r\n')
})

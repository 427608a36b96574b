import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ImapFlow } from 'imapflow'
import { control, startPostern, withFolder } from './postern.ts'
import type { Ready } from './postern.ts'

const limit = { timeout: 240_000 }

async function connected({ imap, account }: Ready): Promise<ImapFlow> {
  const client = new ImapFlow({
    ...imap,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: account.user, pass: account.password },
    logger: false,
  })
  await client.connect()
  return client
}

interface Labelled {
  id: string
  labelIds: string[]
}

/** What Gmail holds, each message with the names of its labels. */
async function atGmail(ready: Ready): Promise<readonly Labelled[]> {
  const { accounts } = (await control(ready, 'state', { account: ready.account.user, messages: 10_000 })) as {
    accounts: { labels: { id: string; name: string }[]; messages: Labelled[] }[]
  }
  const { labels = [], messages = [] } = accounts[0] ?? {}
  const names = new Map(labels.map(({ id, name }) => [id, name]))
  return messages.map(({ id, labelIds }) => ({
    id,
    labelIds: labelIds.map((label) => names.get(label) ?? label),
  }))
}

async function calls(ready: Ready): Promise<Map<string, number>> {
  const { methods } = (await control(ready, 'ledger')) as { methods: Record<string, { calls: number }> }
  return new Map(Object.entries(methods).map(([method, one]) => [method, one.calls]))
}

/** How often Gmail was asked to change labels while this was done. */
async function changesDuring(ready: Ready, act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await calls(ready)
  await act()
  const after = await calls(ready)
  const counted: Record<string, number> = {}
  for (const method of ['messages.modify', 'messages.batchModify', 'messages.trash']) {
    const more = (after.get(method) ?? 0) - (before.get(method) ?? 0)
    if (more > 0) counted[method] = more
  }
  return counted
}

test('a thousand messages and more are changed in as few calls as Gmail takes', limit, () =>
  withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    await mkdir(mail)
    for (let i = 0; i < 1100; i++)
      await writeFile(join(mail, `${String(i).padStart(4, '0')}.eml`), `Subject: ${i}\r\n\r\nHello\r\n`)
    const running = await startPostern(['demo', '--mail', mail, '--quota', '0'], { POSTERN_PREFETCH: 'off' })
    const { ready } = running
    try {
      const client = await connected(ready)
      await client.mailboxCreate('Kept')
      await client.mailboxOpen('INBOX')
      const move = (uids: string) => client.messageMove(uids, 'Kept', { uid: true })
      assert.deepEqual(await changesDuring(ready, () => move('1')), { 'messages.modify': 1 })
      assert.deepEqual(await changesDuring(ready, () => move('2:12')), { 'messages.batchModify': 1 })
      // Fifty units each way at ten.
      const ten = await changesDuring(ready, () =>
        client.messageFlagsAdd('13:22', ['\\Flagged'], { uid: true }),
      )
      assert.ok(ten['messages.modify'] === 10 || ten['messages.batchModify'] === 1)
      assert.deepEqual(
        await changesDuring(ready, () => client.messageFlagsAdd('23:1022', ['\\Flagged'], { uid: true })),
        { 'messages.batchModify': 1 },
      )
      assert.deepEqual(await changesDuring(ready, () => client.messageFlagsAdd('1:*', ['\\Seen'])), {
        'messages.batchModify': 2,
      })
      assert.deepEqual(await changesDuring(ready, () => move('13:1012')), { 'messages.batchModify': 1 })
      await client.messageFlagsAdd('1:*', ['\\Deleted'])
      const [{ 'messages.batchModify': expunging, ...others }] = [
        await changesDuring(ready, () => client.messageDelete('1:*')),
      ]
      assert.deepEqual([expunging, others], [1, {}])
      const messages = await atGmail(ready)
      assert.equal(messages.filter(({ labelIds }) => labelIds.includes('Kept')).length, 1012)
      assert.equal(messages.filter(({ labelIds }) => labelIds.includes('INBOX')).length, 0)
      assert.equal(messages.length, 1100)
      await client.logout()
    } finally {
      await running.stop()
    }
  }),
)

test('a message of 35 MiB is put in, and is at Gmail octet for octet', limit, async () => {
  const running = await startPostern(['demo', '--quota', '0'])
  try {
    const client = await connected(running.ready)
    const body = 'All work and no play makes Jack a dull boy.\r\n'
    const header = 'From: a@b.test\r\nSubject: large\r\n\r\n'
    const message = Buffer.from(
      header + body.repeat(Math.floor((35 * 1024 * 1024 - header.length) / body.length)),
    )
    const appended = await client.append('INBOX', message, ['\\Seen'])
    assert.ok(appended !== false && appended.uid !== undefined)
    await client.mailboxOpen('INBOX')
    const found = await client.fetchOne(
      String(appended.uid),
      { size: true, flags: true, source: true },
      { uid: true },
    )
    assert.ok(found !== false && found.source !== undefined)
    assert.equal(found.size, message.length)
    assert.ok(found.source.equals(message))
    assert.ok(found.flags?.has('\\Seen'))
    await client.logout()
  } finally {
    await running.stop()
  }
})

test('two clients and Gmail see each other’s changes', limit, async () => {
  const running = await startPostern(['demo', '--quota', '0'], { POSTERN_POLL_SECONDS: '1' })
  const { ready } = running
  try {
    const [one, two] = [await connected(ready), await connected(ready)]
    const { exists } = await one.mailboxOpen('INBOX')
    await two.mailboxOpen('INBOX')
    const heard = new Promise<number>((resolve) =>
      two.once('exists', ({ count }: { count: number }) => resolve(count)),
    )
    const idling = two.idle()
    await one.append('INBOX', 'Subject: news\r\n\r\nHello\r\n')
    assert.equal(await heard, exists + 1)
    const gone = new Promise<void>((resolve) => two.once('expunge', () => resolve()))
    const [, ...rest] = await atGmail(ready)
    const inInbox = rest.find(({ labelIds }) => labelIds.includes('INBOX'))
    await control(ready, 'labels', { account: ready.account.user, ids: [inInbox?.id], remove: ['INBOX'] })
    await gone
    await two.noop()
    await idling
    const status = await one.status('INBOX', { messages: true })
    assert.ok(status !== false && status.messages === exists)
    await one.logout()
    await two.logout()
  } finally {
    await running.stop()
  }
})

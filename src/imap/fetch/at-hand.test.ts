import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageKey } from '#mail/ids.ts'
import type { Mailstore, MessageRecord } from '#mail/mailstore.ts'
import { mailstoreWith } from '#mail/mailstore-with.ts'
import { fetch } from '../commands/fetch.ts'
import { createMemoryMailstore } from '../testing/memory-mailstore.ts'
import { run, selected } from '../testing/run-command.ts'

const plain = createMemoryMailstore({
  address: 'ada@example.org',
  mailboxes: [
    {
      name: 'INBOX',
      role: 'inbox',
      messages: [1, 2, 3].map((n) => ({
        bytes: `From: ada@example.org\r\nSubject: message ${n}\r\n\r\nbody ${n}\r\n`,
        internalDate: Date.UTC(2026, 0, n),
      })),
    },
  ],
})

/** The same mail with all of it in memory but the messages of `away`; whoever looks for more is counted. */
async function inMemory(
  away: readonly number[] = [],
): Promise<{ mailstore: Mailstore; looks: () => number }> {
  const { view, signal } = await selected(plain, 'INBOX')
  const keys = [...view.told.keys].filter((_, index) => !away.includes(index)) as MessageKey[]
  const records = new Map<MessageKey, MessageRecord>()
  const bodies = new Map<MessageKey, Buffer>()
  for await (const batch of plain.records(keys, 'fields', signal))
    for (const record of batch) records.set(record.key, record)
  for (const key of keys) bodies.set(key, await plain.body(key, signal))
  let looks = 0
  const counted = <Given extends unknown[], Result>(method: (...given: Given) => Result) => {
    return (...given: Given) => {
      looks++
      return method(...given)
    }
  }
  const mailstore = mailstoreWith(plain, {
    recordAtHand: (key, depth) => (depth === 'header' ? undefined : records.get(key)),
    bodyAtHand: (key) => bodies.get(key),
    records: counted((...given: Parameters<Mailstore['records']>) => plain.records(...given)),
    bodies: counted((...given: Parameters<Mailstore['bodies']>) => plain.bodies(...given)),
    body: counted((...given: Parameters<Mailstore['body']>) => plain.body(...given)),
    identities: counted((...given: Parameters<Mailstore['identities']>) => plain.identities(...given)),
  })
  return { mailstore, looks: () => looks }
}

for (const items of [
  '(BODY.PEEK[])',
  '(BODY.PEEK[TEXT] UID)',
  '(BODY.PEEK[]<5.10>)',
  '(BODY.PEEK[1] BINARY.SIZE[1])',
  '(ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE FLAGS)',
  '(BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])',
  '(EMAILID THREADID)',
  '(EMAILID INTERNALDATE BODY.PEEK[])',
])
  test(`FETCH ${items} of what is in memory says the same and looks nowhere else`, async () => {
    const expected = await run(fetch, await selected(plain, 'INBOX'), ` 2:3 ${items}`)
    const { mailstore, looks } = await inMemory()
    const answer = await run(fetch, await selected(mailstore, 'INBOX'), ` 2:3 ${items}`)
    assert.equal(answer.text, expected.text)
    assert.equal(looks(), 0)
  })

for (const items of ['(BODY.PEEK[])', '(ENVELOPE)', '(BODY.PEEK[HEADER])'])
  test(`FETCH ${items} looks for what is not in memory`, async () => {
    const expected = await run(fetch, await selected(plain, 'INBOX'), ` 1:3 ${items}`)
    const { mailstore, looks } = await inMemory([1])
    const answer = await run(fetch, await selected(mailstore, 'INBOX'), ` 1:3 ${items}`)
    assert.equal(answer.text, expected.text)
    assert.ok(looks() > 0)
  })

test('what a person reads from memory is marked as read too', async () => {
  const { mailstore } = await inMemory()
  const { view, ...context } = await selected(mailstore, 'INBOX')
  await run(fetch, { ...context, view }, ' 1 (BODY[])')
  assert.equal(
    (await run(fetch, await selected(mailstore, 'INBOX'), ' 1 (FLAGS)')).lines[0],
    '* 1 FETCH (FLAGS (\\Seen))',
  )
})

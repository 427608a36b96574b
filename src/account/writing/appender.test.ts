import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessageId, MessageKey } from '#mail/ids.ts'
import type { NewMail } from '#mail/writing.ts'
import { hurriedClock, never } from '../testing/house.ts'
import { contents, gmailState } from '../testing/truth.ts'
import { openDesk } from './testing/desk.ts'
import type { Desk } from './testing/desk.ts'

const limit = { timeout: 180_000 }
const modifyScope = 'https://www.googleapis.com/auth/gmail.modify'

function mail(subject: string, more: Partial<NewMail> & { from?: string; date?: string } = {}): NewMail {
  const { from = 'ada@example.org', date = 'Thu, 2 Jan 2020 03:04:05 +0000', ...rest } = more
  const text = `From: ${from}\r\nDate: ${date}\r\nMessage-ID: <${subject}@client.test>\r\nSubject: ${subject}\r\n\r\nText.\r\n`
  return { bytes: Buffer.from(text), bits: 0, keywords: [], internalDate: undefined, ...rest }
}

async function append(desk: Desk, mailbox: string, ...messages: NewMail[]): Promise<readonly number[]> {
  const { uidValidity, uids } = await desk.house.account.mailstore.append(
    await desk.idOf(mailbox),
    messages,
    never,
  )
  assert.equal(uidValidity, (await desk.house.snapshot(mailbox)).uidValidity)
  return uids
}

/** Labels of all messages that Gmail has, the oldest first. */
async function allLabels(desk: Desk): Promise<string[]> {
  const { messages } = await gmailState(desk.control)
  return messages.map(({ labelIds }) => labelIds.toSorted().join(' ')).toReversed()
}

// Each waits most of its time for its own simulator.
describe('APPEND', { concurrency: 4 }, () => {
  test('APPEND is one insert and no get: record, size and octets are known at once', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX']])
    const { mailstore } = desk.house.account
    const bare = mail('bare', { bytes: Buffer.from('Subject: bare\n\nA line.\n') })
    assert.deepEqual(await append(desk, 'INBOX', bare), [2])
    const key = (await desk.keys('INBOX'))[1] as MessageKey
    for await (const [record] of mailstore.records([key], 'header', never)) {
      assert.equal(record?.summary.sizeBytes, 26)
      assert.equal(record.header?.toString(), 'Subject: bare\r\n\r\n')
    }
    assert.equal((await mailstore.body(key, never)).toString(), 'Subject: bare\r\n\r\nA line.\r\n')
    const spent = await desk.control.spent()
    assert.deepEqual([spent.calls('messages.insert'), spent.units], [1, 25])
    await desk.echo()
  })

  test('flags become labels, or are kept here; trap 17: keywords follow the message', limit, async (t) => {
    const desk = await openDesk(t, [['Work']])
    await append(desk, 'INBOX', mail('a'), mail('b', { bits: 1 | 2 | 8 | 16 | 32 | 64, keywords: ['Later'] }))
    assert.deepEqual(await allLabels(desk), ['Label_1', 'INBOX UNREAD', 'IMPORTANT INBOX STARRED'])
    await desk.echo()
    const flags = async (name: string) =>
      [...(await contents(desk.house, name)).values()].map((one) => one.flags)
    const local = '\\Answered \\Flagged \\Seen $Important $Forwarded Later'
    assert.deepEqual(await flags('INBOX'), ['', local.replace('\\Seen', '\\Deleted \\Seen')])
    assert.deepEqual(await flags('[Gmail]/Starred'), [local])
    await desk.transfer('move', 'INBOX', undefined, 'Work')
    assert.deepEqual(await flags('Work'), ['\\Seen', '', local])
  })

  test(
    'the client’s INTERNALDATE is kept; Gmail gets the nearer of the Date field and now',
    limit,
    async (t) => {
      const desk = await openDesk(t)
      const sent = Date.UTC(2020, 0, 2, 3, 4, 5)
      const [given, now] = [sent + 5000, Date.now()]
      await append(
        desk,
        'INBOX',
        mail('a', { internalDate: given }),
        mail('b', { internalDate: now - 1000 }),
        mail('c'),
      )
      const dates: number[] = []
      for await (const batch of desk.house.account.mailstore.records(
        await desk.keys('INBOX'),
        'summary',
        never,
      ))
        dates.push(...batch.map(({ internalDate }) => internalDate))
      assert.deepEqual(dates.slice(0, 2), [given, now - 1000])
      const { accounts } = await desk.control.do<{ accounts: [{ messages: { internalDate: number }[] }] }>(
        'state',
      )
      const atGmail = accounts[0].messages.map(({ internalDate }) => internalDate).sort((a, b) => a - b)
      assert.equal(atGmail[0], sent)
      assert.ok(atGmail.slice(1).every((date) => date >= now))
    },
  )

  for (const [name, bits, labels] of [
    ['[Gmail]/All Mail', 1, ''],
    ['[Gmail]/Trash', 0, 'TRASH UNREAD'],
    ['[Gmail]/Spam', 1, 'SPAM'],
    ['[Gmail]/Starred', 1, 'STARRED'],
    ['[Gmail]/Sent Mail', 1, 'SENT'],
  ] as const)
    test(`APPEND to ${name}`, limit, async (t) => {
      const desk = await openDesk(t)
      assert.deepEqual(await append(desk, name, mail('a', { bits })), [1])
      assert.deepEqual(await allLabels(desk), [labels])
      await desk.echo()
    })

  test('what is from the account itself is in Sent too, as Gmail has it', limit, async (t) => {
    const desk = await openDesk(t)
    await append(desk, 'INBOX', mail('a', { from: 'demo@gmail.test', bits: 1 }))
    assert.deepEqual(await allLabels(desk), ['INBOX SENT'])
    assert.equal((await contents(desk.house, '[Gmail]/Sent Mail')).size, 1)
    await desk.echo()
  })

  test('APPEND to Drafts makes a draft, which EXPUNGE finds without a list', limit, async (t) => {
    const desk = await openDesk(t, [], { scopes: [modifyScope] })
    assert.deepEqual(await append(desk, '[Gmail]/Drafts', mail('first'), mail('second')), [1, 2])
    await desk.echo()
    const flags = [...(await contents(desk.house, '[Gmail]/Drafts')).values()].map((one) => one.flags)
    assert.deepEqual(flags, ['\\Seen \\Draft', '\\Seen \\Draft'])
    await desk.control.spent()
    await desk.expunge('[Gmail]/Drafts')
    const spent = await desk.control.spent()
    assert.deepEqual([spent.calls('drafts.delete'), spent.calls('drafts.list')], [2, 0])
    assert.equal(
      (await gmailState(desk.control)).messages.filter(({ labelIds }) => !labelIds.includes('CHAT')).length,
      0,
    )
  })

  test('trap 4: APPEND to Sent of what Postern sent is Gmail’s own copy', limit, async (t) => {
    let sent: MessageId | undefined
    const desk = await openDesk(t, [], {
      sentCopyOf: async (id) => (id === '<mine@client.test>' ? sent : undefined),
    })
    sent = (await desk.control.deliver('copy of Gmail', { labels: ['SENT'] })) as MessageId
    const uids = await append(
      desk,
      '[Gmail]/Sent Mail',
      mail('mine', { bits: 1 }),
      mail('other', { bits: 1 }),
    )
    assert.deepEqual(uids, [1, 2])
    assert.equal((await contents(desk.house, '[Gmail]/Sent Mail')).get(sent)?.uid, 1)
    assert.equal((await desk.control.spent()).calls('messages.insert'), 1)
    await desk.echo()
  })

  test('MULTIAPPEND is all or nothing: what was put in is taken out again', limit, async (t) => {
    for (const scopes of [['https://mail.google.com/'], [modifyScope]]) {
      const desk = await openDesk(t, [['Work']], { scopes })
      await desk.control.do('fault', { method: 'messages.insert', skip: 2, count: 1, status: 400 })
      const three = ['a', 'b', 'c'].map((name) => mail(name, { bits: 1 }))
      await assert.rejects(append(desk, 'Work', ...three), { code: 'cannot' })
      const left = scopes[0] === modifyScope ? ['Label_1', 'TRASH', 'TRASH'] : ['Label_1']
      assert.deepEqual(await allLabels(desk), left)
      assert.equal((await contents(desk.house, 'Work')).size, 1)
      assert.deepEqual(await append(desk, 'Work', ...three), [2, 3, 4])
      if (scopes[0] !== modifyScope) await desk.echo()
    }
  })

  test('a lost answer after the effect: the message is found, once', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX']])
    await append(desk, 'INBOX', mail('same', { bits: 1 }))
    await desk.control.do('fault', { method: 'messages.insert', drop: true, when: 'after' })
    await desk.control.spent()
    assert.deepEqual(
      await append(desk, 'INBOX', mail('same', { bits: 1 })),
      [3],
      'the first of the two is not the second',
    )
    assert.equal((await desk.control.spent()).calls('messages.insert'), 1)
    assert.deepEqual(await allLabels(desk), ['INBOX', 'INBOX', 'INBOX'])
    await desk.echo()
  })

  test('a lost answer before the effect: NO, and the next try is the only message', limit, async (t) => {
    const desk = await openDesk(t, [], { clock: hurriedClock(50) })
    await desk.control.do('fault', { method: 'messages.insert', drop: true, when: 'before' })
    await assert.rejects(append(desk, 'INBOX', mail('once')), { code: 'unavailable' })
    assert.deepEqual(await allLabels(desk), [])
    assert.deepEqual(await append(desk, 'INBOX', mail('once')), [1])
    assert.deepEqual(await allLabels(desk), ['INBOX UNREAD'])
    await desk.echo()
  })

  test('what could not be looked for is found at the next try', limit, async (t) => {
    const desk = await openDesk(t)
    await desk.control.do('fault', { method: 'messages.insert', drop: true, when: 'after' })
    await desk.control.do('fault', { method: 'history.list', status: 400 })
    await assert.rejects(append(desk, 'INBOX', mail('once')), { code: 'unavailable' })
    assert.deepEqual(await append(desk, 'INBOX', mail('once')), [1])
    assert.deepEqual(await allLabels(desk), ['INBOX UNREAD'])
    assert.deepEqual(await append(desk, 'INBOX', mail('once')), [2], 'what is settled is in doubt no more')
    await desk.echo()
  })

  test('too long a message and a grant that only reads are refused', limit, async (t) => {
    const desk = await openDesk(t, [], { scopes: ['https://www.googleapis.com/auth/gmail.readonly'] })
    await assert.rejects(append(desk, 'INBOX', mail('a')), { code: 'not-permitted' })
    const long = mail('long', { bytes: Buffer.alloc(36_700_161, 'a\r\n') })
    await assert.rejects(append(desk, '[Gmail]/Drafts', long), { code: 'too-big' })
    assert.equal(desk.house.account.mailstore.appendLimitBytes, 52_428_800)
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openDesk } from './testing/desk.ts'
import { contents, gmailState } from '../testing/truth.ts'

const limit = { timeout: 180_000 }

// Each waits most of its time for its own simulator.
describe('COPY and MOVE', { concurrency: 4 }, () => {
  test(
    'COPY adds a label, the message gains a UID, and the echo of history does nothing',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX'], ['INBOX', 'Work'], ['INBOX', 'UNREAD']])
      const transfer = await desk.transfer('copy', 'INBOX', undefined, 'Work')
      const { uidValidity } = await desk.house.snapshot('Work')
      assert.deepEqual(transfer, { uidValidity, from: [1, 2, 3], to: [2, 1, 3] })
      assert.equal((await contents(desk.house, 'INBOX')).size, 3)
      const spent = await desk.control.spent()
      assert.equal(spent.units, 10, 'the one that is there already costs nothing')
      await desk.echo()
    },
  )

  test('MOVE swaps labels in one call', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX'], ['INBOX'], ['Work']])
    const transfer = await desk.transfer('move', 'INBOX', undefined, 'Work')
    assert.deepEqual(
      [transfer.from, transfer.to],
      [
        [1, 2],
        [2, 3],
      ],
    )
    assert.equal((await contents(desk.house, 'INBOX')).size, 0)
    assert.equal((await desk.control.spent()).units, 10)
    await desk.echo()
  })

  test(
    'MOVE to Trash strips other labels, MOVE back restores; flags and keywords come along',
    limit,
    async (t) => {
      const desk = await openDesk(t, [
        ['INBOX', 'Work', 'STARRED', 'UNREAD'],
        ['INBOX', 'Home'],
      ])
      const { mailstore } = desk.house.account
      const change = { mode: 'add', bits: 8, keywords: ['later'] } as const
      await mailstore.changeFlags(
        await desk.idOf('INBOX'),
        await desk.keys('INBOX'),
        change,
        new AbortController().signal,
      )
      await desk.transfer('copy', 'INBOX', undefined, '[Gmail]/Trash')
      assert.equal(await desk.labels(desk.ids[0] ?? ''), 'STARRED TRASH UNREAD')
      assert.equal(await desk.labels(desk.ids[1] ?? ''), 'TRASH')
      for (const name of ['INBOX', 'Work', 'Home', '[Gmail]/All Mail', '[Gmail]/Starred'])
        assert.equal((await contents(desk.house, name)).size, 0, name)
      await desk.echo()
      const back = await desk.transfer('move', '[Gmail]/Trash', undefined, 'INBOX')
      assert.deepEqual(
        [back.from, back.to],
        [
          [1, 2],
          [3, 4],
        ],
      )
      assert.equal(await desk.labels(desk.ids[0] ?? ''), 'INBOX STARRED UNREAD')
      const flags = [...(await contents(desk.house, 'INBOX')).values()].map((one) => one.flags)
      assert.deepEqual(flags, ['\\Answered \\Flagged later', '\\Answered \\Seen later'])
      await desk.echo()
    },
  )

  test('what Gmail kept under Trash shows again after a move out of it', limit, async (t) => {
    const desk = await openDesk(t, [['TRASH', 'Work']])
    await desk.transfer('move', '[Gmail]/Trash', undefined, 'INBOX')
    assert.equal((await contents(desk.house, 'INBOX')).size, 1)
    await desk.control.deliver('other')
    desk.house.account.mailstore.attach()
    await desk.house.until(({ messages }) => messages === 2)
    assert.equal((await contents(desk.house, 'Work')).size, 1)
    assert.equal((await contents(desk.house, 'INBOX')).get(desk.ids[0] ?? '')?.uid, 1)
  })

  test('MOVE to All Mail archives, MOVE from it adds', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX', 'Work'], ['INBOX']])
    const transfer = await desk.transfer('move', 'INBOX', undefined, '[Gmail]/All Mail')
    assert.deepEqual(
      [transfer.from, transfer.to],
      [
        [1, 2],
        [1, 2],
      ],
    )
    assert.deepEqual(
      [await desk.labels(desk.ids[1] ?? ''), (await contents(desk.house, 'INBOX')).size],
      ['', 0],
    )
    await desk.transfer('move', '[Gmail]/All Mail', [desk.ids[1] ?? ''], 'Work')
    assert.equal((await contents(desk.house, 'Work')).size, 2)
    assert.equal((await contents(desk.house, '[Gmail]/All Mail')).size, 2)
    await desk.echo()
  })

  test(
    'Starred and Important are flags: what is copied there has them, what is moved away has them not',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX', 'Work']])
      await desk.transfer('copy', 'INBOX', undefined, '[Gmail]/Starred')
      await desk.transfer('copy', 'INBOX', undefined, '[Gmail]/Important')
      const [one] = (await contents(desk.house, 'Work')).values()
      assert.equal(one?.flags, '\\Flagged \\Seen $Important')
      await desk.transfer('move', '[Gmail]/Starred', undefined, 'INBOX')
      assert.equal(await desk.labels(desk.ids[0] ?? ''), `IMPORTANT INBOX Label_1`)
      await desk.echo()
    },
  )

  test('\\Flagged puts a message into Starred at once', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX']])
    const { mailstore } = desk.house.account
    const signal = new AbortController().signal
    const [id, keys] = [await desk.idOf('INBOX'), await desk.keys('INBOX')]
    await mailstore.changeFlags(id, keys, { mode: 'add', bits: 2, keywords: ['x'] }, signal)
    assert.deepEqual(
      [...(await contents(desk.house, '[Gmail]/Starred')).values()],
      [{ uid: 1, flags: '\\Flagged \\Seen x' }],
    )
    await desk.echo()
    await mailstore.changeFlags(id, keys, { mode: 'remove', bits: 2, keywords: [] }, signal)
    assert.equal((await contents(desk.house, '[Gmail]/Starred')).size, 0)
    await desk.echo()
  })

  test(
    'nothing goes to Sent or Drafts, and a draft goes to Trash only; Gmail is not asked',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX'], ['DRAFT']])
      await assert.rejects(desk.transfer('copy', 'INBOX', undefined, '[Gmail]/Sent Mail'), { code: 'cannot' })
      await assert.rejects(desk.transfer('move', 'INBOX', undefined, '[Gmail]/Drafts'), { code: 'cannot' })
      await assert.rejects(desk.transfer('move', '[Gmail]/Drafts', undefined, 'INBOX'), { code: 'cannot' })
      assert.equal((await desk.control.spent()).units, 0)
      await desk.transfer('move', '[Gmail]/Drafts', undefined, '[Gmail]/Trash')
      assert.equal(await desk.labels(desk.ids[1] ?? ''), 'DRAFT TRASH')
      await desk.echo()
    },
  )

  test(
    'a message that somebody took out of the target a moment ago is there after MOVE',
    limit,
    async (t) => {
      const desk = await openDesk(t, [['INBOX', 'Work']])
      const [id = ''] = desk.ids
      const { labels: known } = await gmailState(desk.control)
      await desk.control.do('labels', { ids: [id], remove: [known.find(({ name }) => name === 'Work')?.id] })
      assert.equal(await desk.labels(id), 'INBOX')
      const transfer = await desk.transfer('move', 'INBOX', undefined, 'Work')
      assert.deepEqual([transfer.from, transfer.to], [[1], [1]])
      assert.equal((await desk.labels(id)).includes('INBOX'), false)
      assert.notEqual(await desk.labels(id), '', 'it is in neither')
    },
  )

  test('messages that are gone meanwhile are left out', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX'], ['INBOX'], ['INBOX', 'Work']])
    await desk.control.do('delete', { ids: [desk.ids[0]] })
    const transfer = await desk.transfer('move', 'INBOX', undefined, 'Work')
    assert.deepEqual(
      [transfer.from, transfer.to],
      [
        [2, 3],
        [2, 1],
      ],
    )
  })

  test('a grant that only reads is told so', limit, async (t) => {
    const desk = await openDesk(t, [['INBOX'], ['Work']], {
      scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
    })
    await assert.rejects(desk.transfer('move', 'INBOX', undefined, 'Work'), { code: 'not-permitted' })
    await desk.echo()
  })
})

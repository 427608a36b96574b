import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import { mailboxId, messageId, messageKey, modSeq, uid } from '#mail/ids.ts'
import { allMail, contentOf, filled, gmailId, inbox, mailboxRow, messageRow } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** Messages and their memberships. */
export function messagesContract(name: string, { withAccount }: StoreTests): void {
  describe(`${name}: messages in mailboxes`, () => {
    withAccount('a snapshot gives columns in UID order, page by page', async (account) => {
      await account.commit({
        newMessages: [
          messageRow(1, { bits: FlagBit.seen | FlagBit.deleted, modSeq: modSeq(3) }),
          messageRow(2, { keywords: ['Work', 'x'], bits: FlagBit.mdnSent }),
          messageRow(3),
        ],
        join: [
          { mailbox: inbox.id, uid: uid(4_294_967_295), key: messageKey(1), modSeq: modSeq(2) },
          { mailbox: inbox.id, uid: uid(5), key: messageKey(2), modSeq: modSeq(9) },
          { mailbox: inbox.id, uid: uid(8), key: messageKey(3), modSeq: modSeq(1) },
        ],
      })
      await account.commit({
        deleted: [{ mailbox: inbox.id, uid: uid(8), deleted: true, modSeq: modSeq(11) }],
      })
      assert.deepEqual(await account.snapshot(inbox.id, 1, 2), {
        uids: Uint32Array.of(5, 8),
        keys: Uint32Array.of(2, 3),
        bits: Uint32Array.of(FlagBit.mdnSent, FlagBit.deleted),
        modSeqs: Float64Array.of(9, 11),
        keywords: new Map([[0, ['Work', 'x']]]),
      })
      const rest = await account.snapshot(inbox.id, 9, 100)
      assert.deepEqual(
        [...rest.uids, ...rest.keys, ...rest.bits, ...rest.modSeqs],
        [4_294_967_295, 1, FlagBit.seen, 3],
      )
      assert.equal((await account.snapshot(mailboxId(77), 1, 10)).uids.length, 0)
    })

    withAccount('the same changeset twice is the same as once', async (account) => {
      const changes = {
        ...filled(1, 5),
        flags: [{ key: messageKey(2), bits: 1, keywords: ['k'], modSeq: modSeq(4) }],
        leave: [{ mailbox: allMail.id, uid: uid(1), modSeq: modSeq(5) }],
        content: [contentOf(1)],
      }
      await account.commit({ join: [], ...filled(1, 5, allMail.id) })
      await account.commit(changes)
      const first = [await account.snapshot(inbox.id, 1, 9), await account.vanished(allMail.id, modSeq(1))]
      await account.commit(changes)
      assert.deepEqual(
        [await account.snapshot(inbox.id, 1, 9), await account.vanished(allMail.id, modSeq(1))],
        first,
      )
      assert.equal((await account.messagesByKey([messageKey(1)])).get(messageKey(1))?.hydrated, true)
    })

    withAccount('a mark changes the same bits of many messages, and nothing else', async (account) => {
      await account.commit({
        ...filled(1, 40),
        flags: [
          {
            key: messageKey(3),
            bits: FlagBit.seen | FlagBit.answered,
            keywords: ['Work'],
            modSeq: modSeq(2),
          },
          { key: messageKey(4), bits: FlagBit.flagged, keywords: [], modSeq: modSeq(2) },
        ],
      })
      const before = await account.messagesByKey(Array.from({ length: 40 }, (_, at) => messageKey(at + 1)))
      const keys = Uint32Array.of(2, 3, 4, 9, 40)
      const mark = { keys, add: FlagBit.seen, remove: FlagBit.answered, modSeq: modSeq(10) }
      for (let turn = 0; turn < 2; turn++) {
        await account.commit({ marks: [mark], mayLag: true })
        const after = await account.messagesByKey([...before.keys()])
        for (const [key, row] of before)
          assert.deepEqual(
            after.get(key),
            keys.includes(key)
              ? { ...row, bits: (row.bits & ~FlagBit.answered) | FlagBit.seen, modSeq: modSeq(10) }
              : row,
          )
      }
    })

    withAccount('ids and mailboxes of many messages', async (account) => {
      await account.commit(filled(1, 40))
      await account.commit({ join: filled(7, 9, allMail.id).join ?? [] })
      const ids = await account.messageIds(Uint32Array.of(2, 3, 4, 40, 41))
      assert.deepEqual(
        [...ids].sort(([a], [b]) => a - b),
        [2, 3, 4, 40].map((n) => [messageKey(n), gmailId(n)]),
      )
      assert.deepEqual(await account.mailboxesOf(Uint32Array.of(1, 2, 40, 77)), [inbox.id])
      assert.deepEqual(
        new Set(await account.mailboxesOf(Uint32Array.of(2, 8))),
        new Set([inbox.id, allMail.id]),
      )
      assert.deepEqual(await account.mailboxesOf(Uint32Array.of(41)), [])
      await account.commit({ dropMailboxes: [allMail.id] })
      assert.deepEqual(await account.mailboxesOf(Uint32Array.of(8)), [inbox.id])
    })

    withAccount('of many rows changed at once only those named change', async (account) => {
      await account.commit(filled(1, 40))
      await account.commit({ join: filled(1, 40, allMail.id).join ?? [] })
      const named = [3, 4, 5, 6, 9, 20, 21, 40]
      await account.commit({
        flags: named.map((key) => ({
          key: messageKey(key),
          bits: key === 5 ? FlagBit.seen : FlagBit.flagged,
          keywords: key === 6 ? ['Work'] : [],
          modSeq: modSeq(10),
        })),
        deleted: named.map((at) => ({
          mailbox: inbox.id,
          uid: uid(at),
          deleted: at !== 4,
          modSeq: modSeq(10),
        })),
        leave: named.map((at) => ({ mailbox: allMail.id, uid: uid(at), modSeq: modSeq(at > 9 ? 11 : 10) })),
      })
      const { uids, bits, modSeqs, keywords } = await account.snapshot(inbox.id, 1, 100)
      for (const [index, at] of uids.entries()) {
        const changed = named.includes(at)
        const flag = !changed ? 0 : at === 5 ? FlagBit.seen : FlagBit.flagged
        assert.equal(bits[index], flag | (changed && at !== 4 ? FlagBit.deleted : 0), `bits of ${at}`)
        assert.equal(modSeqs[index], changed ? 10 : 1)
        assert.deepEqual(keywords.get(index), at === 6 ? ['Work'] : undefined)
      }
      const others = Array.from({ length: 40 }, (_, at) => at + 1).filter((at) => !named.includes(at))
      assert.deepEqual([...(await account.snapshot(allMail.id, 1, 100)).uids], others)
      assert.deepEqual(await account.vanished(allMail.id, modSeq(9)), named)
      assert.deepEqual(await account.vanished(allMail.id, modSeq(10)), [20, 21, 40])
    })

    withAccount('what leaves is remembered as vanished since a MODSEQ', async (account) => {
      await account.commit(filled(1, 6))
      await account.commit({
        leave: [
          { mailbox: inbox.id, uid: uid(6), modSeq: modSeq(10) },
          { mailbox: inbox.id, uid: uid(2), modSeq: modSeq(10) },
        ],
      })
      await account.commit({
        leave: [{ mailbox: inbox.id, uid: uid(4), modSeq: modSeq(11) }],
        join: [{ mailbox: inbox.id, uid: uid(7), key: messageKey(4), modSeq: modSeq(11) }],
      })
      assert.deepEqual(await account.vanished(inbox.id, modSeq(9)), [2, 4, 6])
      assert.deepEqual(await account.vanished(inbox.id, modSeq(10)), [4])
      assert.deepEqual([...(await account.snapshot(inbox.id, 1, 10)).uids], [1, 3, 5, 7])
    })

    withAccount(
      'a UID is never given to a second message, nor a message twice to a mailbox',
      async (account) => {
        await account.commit(filled(1, 2))
        const join = (number: number, key: number) =>
          account.commit({
            sync: { phase: 'live' },
            join: [{ mailbox: inbox.id, uid: uid(number), key: messageKey(key), modSeq: modSeq(2) }],
          })
        await assert.rejects(join(1, 2), { name: 'StoreError', kind: 'duplicate' })
        await assert.rejects(join(3, 2), { name: 'StoreError', kind: 'duplicate' })
        await assert.rejects(account.commit({ newMessages: [messageRow(9, { messageId: gmailId(1) })] }), {
          kind: 'duplicate',
        })
        await assert.rejects(account.commit({ newMessages: [messageRow(1, { messageId: gmailId(9) })] }), {
          kind: 'duplicate',
        })
        assert.equal((await account.sync()).phase, 'unsynced', 'nothing of a refused commit stays')
      },
    )

    withAccount('a message that is still in a mailbox cannot be forgotten', async (account) => {
      await account.commit(filled(1, 2))
      await assert.rejects(account.commit({ forget: [messageKey(1)] }))
      await account.commit({ content: [contentOf(1)] })
      await account.commit({
        leave: [{ mailbox: inbox.id, uid: uid(1), modSeq: modSeq(2) }],
        forget: [messageKey(1)],
      })
      assert.deepEqual(await account.content([messageKey(1)], { header: true }), [])
      assert.deepEqual([...(await account.messagesByKey([messageKey(1), messageKey(2)])).keys()], [2])
      await account.commit({ content: [contentOf(1)] })
      assert.deepEqual(await account.content([messageKey(1)], { header: true }), [])
    })

    withAccount('sieves of those that have one, until the message is forgotten', async (account) => {
      await account.commit(filled(1, 3))
      const sieve = Buffer.from('sieve')
      await account.commit({ content: [contentOf(1, { sieve }), contentOf(2)] })
      const keys = [messageKey(1), messageKey(2), messageKey(3)]
      assert.deepEqual([...(await account.sieves(keys))], [[1, sieve]])
      await account.commit({
        leave: [{ mailbox: inbox.id, uid: uid(1), modSeq: modSeq(2) }],
        forget: [messageKey(1)],
      })
      assert.deepEqual([...(await account.sieves(keys))], [])
    })

    withAccount('counts tell messages, unseen, deleted and the size once all is known', async (account) => {
      await account.commit({
        newMessages: [messageRow(1, { bits: FlagBit.seen }), messageRow(2), messageRow(3)],
        join: filled(1, 2).join ?? [],
      })
      await account.commit({
        deleted: [{ mailbox: inbox.id, uid: uid(2), deleted: true, modSeq: modSeq(2) }],
      })
      assert.deepEqual(await account.count(inbox.id), {
        messages: 2,
        unseen: 1,
        deleted: 1,
        sizeBytes: undefined,
      })
      await account.commit({ content: [contentOf(1), contentOf(2)] })
      assert.deepEqual(await account.count(inbox.id), { messages: 2, unseen: 1, deleted: 1, sizeBytes: 2003 })
      assert.deepEqual(await account.count(allMail.id), { messages: 0, unseen: 0, deleted: 0, sizeBytes: 0 })
      assert.deepEqual(await account.hydration(), { messages: 3, hydrated: 2 })
    })

    withAccount('messages are found by id and by key, with their mailboxes', async (account) => {
      await account.commit({ ...filled(1, 3), mailboxes: [] })
      await account.commit({
        join: [{ mailbox: allMail.id, uid: uid(40), key: messageKey(2), modSeq: modSeq(2) }],
        flags: [{ key: messageKey(2), bits: FlagBit.flagged, keywords: ['b', 'a'], modSeq: modSeq(2) }],
      })
      const found = await account.messagesById([gmailId(2), messageId('1'), gmailId(3)])
      assert.deepEqual([...found.keys()], [gmailId(2), gmailId(3)])
      assert.deepEqual(
        found.get(gmailId(2)),
        messageRow(2, { bits: FlagBit.flagged, keywords: ['b', 'a'], modSeq: modSeq(2) }),
      )
      assert.deepEqual(await account.memberships([messageKey(2), messageKey(99)]), [
        { mailbox: inbox.id, uid: 2, key: 2, deleted: false },
        { mailbox: allMail.id, uid: 40, key: 2, deleted: false },
      ])
    })

    withAccount(
      'dropping a mailbox empties it and leaves the message in the others',
      async (account, opened) => {
        await account.commit(filled(1, 1100))
        await account.commit({
          join: [{ mailbox: allMail.id, uid: uid(1), key: messageKey(1), modSeq: modSeq(1) }],
          leave: [{ mailbox: inbox.id, uid: uid(2), modSeq: modSeq(2) }],
        })
        await account.commit({ dropMailboxes: [inbox.id], mailboxes: [mailboxRow({ uidValidity: 1001 })] })
        assert.deepEqual(
          (await account.mailboxes()).map(({ id }) => id),
          [inbox.id, allMail.id],
        )
        assert.equal((await account.count(inbox.id)).messages, 0)
        assert.deepEqual(await account.vanished(inbox.id, modSeq(1)), [])
        assert.deepEqual(await account.memberships([messageKey(1)]), [
          { mailbox: allMail.id, uid: 1, key: 1, deleted: false },
        ])
        assert.equal((await account.orphans(2000)).length, 1099)
        await account.commit({
          join: [{ mailbox: inbox.id, uid: uid(1), key: messageKey(2), modSeq: modSeq(3) }],
          mailboxes: [mailboxRow({ uidValidity: 1001, uidNext: uid(2) })],
        })
        assert.deepEqual([...(await account.snapshot(inbox.id, 1, 10)).keys], [2])
        assert.equal((await opened.store.check()).length, 1, 'All Mail’s UIDNEXT of this test is too low')
      },
    )
  })
}

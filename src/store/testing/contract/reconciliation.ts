import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { FlagBit } from '#mail/flags.ts'
import { labelId, messageKey, modSeq, uid, type MessageKey } from '#mail/ids.ts'
import { filled, gmailId, inbox, messageRow, stagedNewestFirst, stagedRef } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** Says of the message of a key whether INBOX lists it. */
function correct(key: number, listed: boolean) {
  return { corrections: [{ labelId: inbox.label, ref: stagedRef(key), listed }] }
}

/** Staged listings against what the store has. */
export function reconciliationContract(name: string, { withAccount }: StoreTests): void {
  describe(`${name}: reconciling a listing`, () => {
    withAccount('staged messages that are not in the mailbox come oldest first', async (account) => {
      await account.commit(filled(1, 3))
      await account.commit(stagedNewestFirst(inbox.label, [5, 6, 7]))
      await account.commit(stagedNewestFirst(inbox.label, [2, 3, 4, 5]))
      const missing = await account.stagedNotJoined(inbox.label, inbox.id, 2)
      assert.deepEqual(missing, [
        { ...stagedRef(4), key: undefined },
        { ...stagedRef(5), key: undefined },
      ])
      assert.deepEqual(
        (await account.joinedNotStaged(inbox.label, inbox.id, 1, 10)).map((row) => row.uid),
        [1],
      )
      assert.deepEqual(await account.joinedNotStaged(inbox.label, inbox.id, 2, 10), [])
      await account.commit({ newMessages: [messageRow(6)] })
      assert.deepEqual(
        (await account.stagedNotJoined(inbox.label, inbox.id, 10)).map((row) => row.key),
        [undefined, undefined, 6, undefined],
      )
      await account.commit({ unstage: [inbox.label] })
      assert.deepEqual(await account.stagedNotJoined(inbox.label, inbox.id, 10), [])
      assert.deepEqual(await account.listings(), [], 'staging alone makes no listing')
    })

    withAccount('asking, joining and asking again ends with everything joined once', async (account) => {
      const keys = Array.from({ length: 25 }, (_, index) => index + 1)
      await account.commit(stagedNewestFirst(inbox.label, keys))
      const order: MessageKey[] = []
      for (;;) {
        const missing = await account.stagedNotJoined(inbox.label, inbox.id, 4)
        if (missing.length === 0) break
        const given = missing.map(({ messageId: id }, index) => ({
          id,
          key: messageKey(order.length + 1 + index),
        }))
        await account.commit({
          newMessages: given.map(({ id, key }) => messageRow(key, { messageId: id })),
          join: given.map(({ key }) => ({ mailbox: inbox.id, uid: uid(key), key, modSeq: modSeq(1) })),
        })
        order.push(...given.map(({ key }) => key))
        if (order.length === 12)
          // One that was joined leaves behind the walk's back; it must be found again.
          await account.commit({ leave: [{ mailbox: inbox.id, uid: uid(2), modSeq: modSeq(2) }] })
        if (order.length > 40) assert.fail('it does not end')
        const [again] = await account.stagedNotJoined(inbox.label, inbox.id, 1)
        if (again?.key === 2) {
          await account.commit({
            join: [{ mailbox: inbox.id, uid: uid(100), key: messageKey(2), modSeq: modSeq(3) }],
          })
        }
      }
      assert.deepEqual([...(await account.snapshot(inbox.id, 1, 100)).uids], [1, ...keys.slice(2), 100])
      const byKey = await account.messagesByKey(order)
      assert.deepEqual(
        order.map((key) => byKey.get(key)?.messageId),
        keys.map((key) => gmailId(key)),
        'oldest first',
      )
    })

    withAccount('a label that stands for a bit is compared both ways', async (account) => {
      const starred = labelId('STARRED')
      await account.commit({
        newMessages: [
          messageRow(1, { bits: FlagBit.flagged }),
          messageRow(2, { bits: FlagBit.flagged }),
          messageRow(3),
        ],
      })
      await account.commit(stagedNewestFirst(starred, [2, 3, 9]))
      assert.deepEqual(await account.stagedWithoutBit(starred, FlagBit.flagged, 10), [
        { ...stagedRef(3), key: 3, bits: 0 },
        { ...stagedRef(9), key: undefined, bits: 0 },
      ])
      assert.deepEqual(
        (await account.bitNotStaged(starred, FlagBit.flagged, 10)).map((row) => row.key),
        [1],
      )
    })

    withAccount('UNREAD stands for the absence of \\Seen', async (account) => {
      const unread = labelId('UNREAD')
      await account.commit({
        newMessages: [
          messageRow(1, { bits: FlagBit.seen }),
          messageRow(2),
          messageRow(3),
          messageRow(4, { bits: FlagBit.seen }),
        ],
      })
      await account.commit(stagedNewestFirst(unread, [2, 4]))
      const options = { inverted: true }
      assert.deepEqual(await account.stagedWithoutBit(unread, FlagBit.seen, 10, options), [
        { ...stagedRef(4), key: 4, bits: FlagBit.seen },
      ])
      assert.deepEqual(
        (await account.bitNotStaged(unread, FlagBit.seen, 10, options)).map((row) => row.key),
        [3],
      )
      await account.commit({
        flags: [
          { key: messageKey(3), bits: FlagBit.seen, keywords: [], modSeq: modSeq(2) },
          { key: messageKey(4), bits: 0, keywords: [], modSeq: modSeq(2) },
        ],
      })
      assert.deepEqual(await account.stagedWithoutBit(unread, FlagBit.seen, 10, options), [])
      assert.deepEqual(await account.bitNotStaged(unread, FlagBit.seen, 10, options), [])
      await account.commit({ flags: [{ key: messageKey(1), bits: 0, keywords: [], modSeq: modSeq(3) }] })
      assert.equal((await account.bitNotStaged(unread, FlagBit.seen, 10, options)).length, 1)
    })

    withAccount(
      'a correction counts more than pages, earlier and later ones, until the next',
      async (account) => {
        const ids = async () => {
          const missing = await account.stagedNotJoined(inbox.label, inbox.id, 10)
          return missing.map((row) => row.messageId)
        }
        await account.commit(filled(1, 1))
        await account.commit(correct(3, false))
        await account.commit(stagedNewestFirst(inbox.label, [1, 2, 3, 4]))
        assert.deepEqual(await ids(), [2, 4].map(gmailId))
        await account.commit({
          corrections: [1, 2].map((key) => ({ labelId: inbox.label, ref: stagedRef(key), listed: false })),
        })
        await account.commit(stagedNewestFirst(inbox.label, [1, 2, 3]))
        assert.deepEqual(await ids(), [gmailId(4)])
        const unlisted = await account.joinedNotStaged(inbox.label, inbox.id, 1, 10)
        assert.deepEqual(
          unlisted.map((row) => row.uid),
          [1],
        )
        await account.commit(correct(2, true))
        await account.commit(correct(2, true))
        await account.commit(correct(5, true))
        assert.deepEqual((await ids()).toSorted(), [2, 4, 5].map(gmailId))
        await account.commit({ ...correct(6, false), unstage: [inbox.label] })
        await account.commit(stagedNewestFirst(inbox.label, [1, 3, 6]))
        assert.deepEqual(await ids(), [gmailId(3)], 'what was said before the label was emptied is forgotten')
      },
    )

    withAccount('a correction says of a bit what pages do not', async (account) => {
      const unread = labelId('UNREAD')
      const options = { inverted: true }
      await account.commit({
        newMessages: [messageRow(1, { bits: FlagBit.seen }), messageRow(2), messageRow(3)],
      })
      await account.commit({
        ...stagedNewestFirst(unread, [1, 2]),
        corrections: [
          { labelId: unread, ref: stagedRef(1), listed: false },
          { labelId: unread, ref: stagedRef(2), listed: false },
          { labelId: unread, ref: stagedRef(3), listed: true },
        ],
      })
      assert.deepEqual(await account.stagedWithoutBit(unread, FlagBit.seen, 10, options), [])
      assert.deepEqual(
        (await account.bitNotStaged(unread, FlagBit.seen, 10, options)).map((row) => row.key),
        [2],
      )
    })

    withAccount('messages in no mailbox are found', async (account) => {
      await account.commit({ ...filled(1, 2), newMessages: [1, 2, 3, 4].map((key) => messageRow(key)) })
      assert.deepEqual(await account.orphans(1), [3])
      assert.deepEqual(await account.orphans(10), [3, 4])
    })
  })
}

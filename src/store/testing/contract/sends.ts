import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { MessageId } from '#mail/ids.ts'
import type { SendRow } from '../../sends.ts'
import type { SentCopyRow } from '../../sent-copies.ts'
import { gmailId } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** What was sent, and the copies that clients put into Sent. */
export function sendsContract(name: string, { withStore, withAccount }: StoreTests): void {
  describe(`${name}: what was sent`, () => {
    withAccount('a row is found as it was put last, also after a restart', async ({ sends }, opened) => {
      assert.equal(await sends.find(hash(1)), undefined)
      await sends.put(sendRow(1))
      await sends.put(sendRow(2, { messageIdHash: undefined, historyId: undefined, state: 'failed' }))
      const settled = sendRow(1, { state: 'sent', at: 9, messageId: gmailId(7) })
      await sends.put(settled)
      const store = await opened.reopen()
      const [account] = await store.accounts()
      assert.ok(account)
      const again = store.account(account.id).sends
      assert.deepEqual(await again.find(hash(1)), settled)
      assert.deepEqual(
        await again.find(hash(2)),
        sendRow(2, { messageIdHash: undefined, historyId: undefined, state: 'failed' }),
      )
    })

    withAccount('what was under way is unknown after a restart, nothing else', async ({ sends }) => {
      for (const [index, state] of (
        ['accepted', 'sending', 'failed', 'unknown', 'sending'] as const
      ).entries())
        await sends.put(sendRow(index + 1, { state }))
      assert.equal(await sends.unsettled(hash(2)), 2)
      assert.equal(await sends.interrupted(), 2)
      const states = await Promise.all([1, 2, 3, 4, 5].map(async (n) => (await sends.find(hash(n)))?.state))
      assert.deepEqual(states, ['accepted', 'unknown', 'failed', 'unknown', 'unknown'])
      assert.equal(await sends.unsettled(hash(9)), 3)
    })

    withAccount(
      'the last one sent of a Message-ID is given, and which messages are taken',
      async ({ sends }) => {
        const same = { messageIdHash: hash(0xff) }
        await sends.put(sendRow(1, { ...same, state: 'sent', messageId: gmailId(1) }))
        await sends.put(sendRow(2, { ...same, state: 'sent', messageId: gmailId(2) }))
        await sends.put(sendRow(3, { ...same, state: 'unknown' }))
        assert.equal((await sends.lastSent(hash(0xff)))?.messageId, gmailId(2))
        assert.equal(await sends.lastSent(hash(0xfe)), undefined)
        assert.deepEqual(await sends.claimed([gmailId(2), gmailId(3)]), new Set([gmailId(2)]))
      },
    )

    withAccount(
      'a copy that a client put into Sent is superseded by what was sent within the time and is alike',
      async ({ sends }, opened) => {
        const copy = sentCopyRow(1)
        const other = sentCopyRow(2, { messageIdHash: copy.messageIdHash })
        for (const row of [copy, other, sentCopyRow(3, { messageIdHash: undefined })])
          await sends.copies.note(row)
        assert.deepEqual(await sends.copies.superseded(100), [])
        assert.deepEqual(await sends.claimed([gmailId(1), gmailId(3), gmailId(4)]), new Set(ids(1, 3)))
        const { messageIdHash, likeness } = copy
        await sends.put(sendRow(7, { messageIdHash, likeness, state: 'unknown', at: 50 }))
        assert.deepEqual(await sends.copies.superseded(100), [])
        await sends.put(sendRow(7, { messageIdHash, likeness, state: 'sent', at: 50, messageId: gmailId(9) }))
        assert.deepEqual(await sends.copies.superseded(49), [])
        const store = await opened.reopen()
        const [account] = await store.accounts()
        assert.ok(account)
        const again = store.account(account.id).sends
        assert.deepEqual(await again.copies.superseded(100), [{ ...copy, sentAs: gmailId(9) }])
        await again.copies.settle(copy.messageId)
        assert.deepEqual(await again.copies.superseded(100), [])
        assert.deepEqual(await again.claimed(ids(1)), new Set(ids(1)))
        await again.forget(2)
        assert.deepEqual(await again.claimed(ids(1, 2)), new Set(ids(2)))
      },
    )

    withStore(
      'old rows are forgotten, accounts do not share them, and they go with the account',
      async ({ store }) => {
        const { id } = await store.addAccount('ada@example.org')
        const ada = store.account(id).sends
        const bob = store.account((await store.addAccount('bob@example.org')).id).sends
        for (const n of [1, 2, 3]) await ada.put(sendRow(n))
        assert.equal(await bob.find(hash(1)), undefined)
        await ada.forget(3)
        assert.equal(await ada.find(hash(2)), undefined)
        assert.ok(await ada.find(hash(3)))
        await bob.put(sendRow(3))
        await store.removeAccount(id)
        assert.equal(await ada.find(hash(3)), undefined)
        assert.ok(await bob.find(hash(3)))
      },
    )
  })
}

function hash(octet: number): Buffer {
  return Buffer.alloc(32, octet)
}

function ids(...numbers: number[]): MessageId[] {
  return numbers.map((number) => gmailId(number))
}

function sentCopyRow(octet: number, more: Partial<SentCopyRow> = {}): SentCopyRow {
  return {
    messageId: gmailId(octet),
    messageIdHash: hash(0x80 + octet),
    likeness: hash(0x40 + octet),
    flags: hash(0x20 + octet),
    at: octet,
    ...more,
  }
}

function sendRow(octet: number, more: Partial<SendRow> = {}): SendRow {
  return {
    key: hash(octet),
    messageIdHash: hash(0x80 + octet),
    likeness: hash(0x40 + octet),
    state: 'sending',
    at: octet,
    historyId: 2n ** 60n + 1n,
    messageId: undefined,
    ...more,
  }
}

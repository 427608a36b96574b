import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlagBit } from '#mail/flags.ts'
import {
  labelId,
  mailboxId,
  messageId,
  messageKey,
  modSeq,
  uid,
  type MessageId,
  type MessageKey,
} from '#mail/ids.ts'
import type { SendRow } from '../sends.ts'
import type { SentCopyRow } from '../sent-copies.ts'
import type { AccountStore, Store } from '../store.ts'
import {
  allMail,
  contentOf,
  filled,
  gmailId,
  inbox,
  mailboxRow,
  messageRow,
  stagedNewestFirst,
  stagedRef,
} from './rows.ts'

/** A store under test; `reopen` closes it and opens the same data again. */
export interface OpenedStore {
  readonly store: Store
  reopen(): Promise<Store>
  close(): Promise<void>
}

/** What every implementation of Store must do. Each test opens an empty store. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  function withStore(title: string, work: (opened: OpenedStore) => Promise<void>): void {
    test(title, async () => {
      const opened = await open()
      try {
        await work(opened)
      } finally {
        await opened.close()
      }
    })
  }

  function withAccount(
    title: string,
    work: (account: AccountStore, opened: OpenedStore) => Promise<void>,
  ): void {
    withStore(title, async (opened) => {
      const { id } = await opened.store.addAccount('ada@example.org')
      const account = opened.store.account(id)
      await account.commit({
        mailboxes: [mailboxRow(), mailboxRow({ id: allMail.id, labelId: allMail.label })],
      })
      await work(account, opened)
    })
  }

  describe(`${name}: accounts and secrets`, () => {
    withStore(
      'an account is one, whatever the letter case of its address, and its id is never reused',
      async ({ store }) => {
        const made = await store.addAccount('Ada@Example.org')
        assert.deepEqual(await store.addAccount('ada@example.ORG'), made)
        assert.equal(made.address, 'Ada@Example.org')
        await store.removeAccount(made.id)
        assert.deepEqual(await store.accounts(), [])
        assert.notEqual((await store.addAccount('ada@example.org')).id, made.id)
      },
    )

    withStore(
      'secrets come back whole after a reopening and are apart by account and name',
      async (opened) => {
        const ada = await opened.store.addAccount('ada@example.org')
        const bob = await opened.store.addAccount('bob@example.org')
        await opened.store.setSecret(ada.id, 'grant', Buffer.from([0, 255, 1]))
        await opened.store.setSecret(ada.id, 'grant', Buffer.from([0, 254, 1]))
        await opened.store.setSecret(bob.id, 'grant', Buffer.from('other'))
        const store = await opened.reopen()
        assert.deepEqual(await store.secret(ada.id, 'grant'), Buffer.from([0, 254, 1]))
        assert.equal(await store.secret(ada.id, 'other'), undefined)
        await store.removeSecret(ada.id, 'grant')
        assert.equal(await store.secret(ada.id, 'grant'), undefined)
        assert.deepEqual(await store.secret(bob.id, 'grant'), Buffer.from('other'))
      },
    )

    withStore(
      'client passwords are listed in order, one of each name, and remember their use',
      async (opened) => {
        const { store } = opened
        const { id } = await store.addAccount('ada@example.org')
        const row = {
          name: '__proto__',
          hash: 'scrypt$1',
          doors: ['imap'],
          readOnly: true,
          mailboxes: ['INBOX', 'Ärger'],
          hiddenCapabilities: ['X-GM-EXT-1'],
          createdAt: 5,
          expiresAt: undefined,
          usedAt: undefined,
          usedFrom: undefined,
        } as const
        await store.addClientPassword(id, row)
        await store.addClientPassword(id, { ...row, name: 'phone', mailboxes: undefined, expiresAt: 9 })
        await assert.rejects(store.addClientPassword(id, row), { name: 'StoreError', kind: 'duplicate' })
        await store.touchClientPassword(id, 'phone', 77, '127.0.0.1')
        const again = await opened.reopen()
        assert.deepEqual(await again.clientPasswords(id), [
          row,
          { ...row, name: 'phone', mailboxes: undefined, expiresAt: 9, usedAt: 77, usedFrom: '127.0.0.1' },
        ])
        assert.equal(await again.removeClientPassword(id, 'phone'), true)
        assert.equal(await again.removeClientPassword(id, 'phone'), false)
        assert.equal((await again.clientPasswords(id)).length, 1)
      },
    )

    withStore('removing an account leaves the others as they are', async ({ store }) => {
      const ada = await store.addAccount('ada@example.org')
      const bob = await store.addAccount('bob@example.org')
      for (const { id } of [ada, bob]) {
        await store
          .account(id)
          .commit({ mailboxes: [mailboxRow({ uidNext: uid(1201) })], ...filled(1, 1200) })
        await store.account(id).commit({ content: [contentOf(3)], ...stagedNewestFirst(inbox.label, [1, 2]) })
        await store.setSecret(id, 'grant', Buffer.from('x'))
      }
      await store.removeAccount(ada.id)
      assert.deepEqual(await store.accounts(), [bob])
      assert.equal(await store.secret(ada.id, 'grant'), undefined)
      assert.equal((await store.account(bob.id).hydration()).messages, 1200)
      assert.equal((await store.account(bob.id).count(inbox.id)).messages, 1200)
      assert.equal((await store.account(ada.id).hydration()).messages, 0)
      await assert.rejects(store.account(ada.id).commit({ sync: { phase: 'live' } }), { kind: 'no-account' })
      await assert.rejects(store.setSecret(ada.id, 'grant', Buffer.from('x')), { kind: 'no-account' })
      assert.deepEqual(await store.check(), [])
    })
  })

  describe(`${name}: the account's state`, () => {
    withAccount('sync state, labels, mailboxes and listings survive a reopening', async (account, opened) => {
      assert.equal((await account.sync()).phase, 'unsynced')
      await account.commit({
        sync: {
          phase: 'listing',
          historyId: 18_446_744_073_709_551_615n,
          modSeq: modSeq(7),
          nextKey: messageKey(9),
        },
        labels: [
          { id: labelId('INBOX'), name: 'INBOX', type: 'system', labelListVisibility: undefined },
          { id: labelId('__proto__'), name: 'Ärger/x', type: 'user', labelListVisibility: 'labelShow' },
        ],
        mailboxes: [mailboxRow({ uidNext: uid(4_294_967_295), whole: false, subscribed: false, gone: true })],
        listings: [{ labelId: inbox.label, pageToken: 'token', stage: 'paging', staged: 500 }],
      })
      const [{ id } = assert.fail('no account')] = await opened.store.accounts()
      const again = (await opened.reopen()).account(id)
      const { uidValidityMark, ...sync } = await again.sync()
      assert.deepEqual(sync, {
        phase: 'listing',
        historyId: 18_446_744_073_709_551_615n,
        modSeq: 7,
        nextKey: 9,
      })
      assert.ok(uidValidityMark >= 1000)
      assert.deepEqual(
        (await again.labels()).map(({ name: label }) => label),
        ['INBOX', 'Ärger/x'],
      )
      assert.equal((await again.labels())[1]?.id, '__proto__')
      assert.deepEqual(
        (await again.mailboxes())[0],
        mailboxRow({ uidNext: uid(4_294_967_295), whole: false, subscribed: false, gone: true }),
      )
      assert.deepEqual(await again.listings(), [
        { labelId: 'INBOX', pageToken: 'token', stage: 'paging', staged: 500 },
      ])
      await again.commit({ sync: { historyId: undefined } })
      assert.equal((await again.sync()).historyId, undefined)
      assert.equal((await again.sync()).phase, 'listing')
    })

    withStore('the UIDVALIDITY mark rises with mailboxes and is one for all accounts', async (opened) => {
      const ada = await opened.store.addAccount('ada@example.org')
      const bob = await opened.store.addAccount('bob@example.org')
      await opened.store.account(ada.id).commit({ mailboxes: [mailboxRow({ uidValidity: 5000 })] })
      assert.equal((await opened.store.account(bob.id).sync()).uidValidityMark, 5000)
      await opened.store.removeAccount(ada.id)
      const again = await opened.reopen()
      assert.ok((await again.account(bob.id).sync()).uidValidityMark >= 5000)
    })
  })

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

  describe(`${name}: content`, () => {
    withAccount('content comes back as it went in, in the order asked for', async (account, opened) => {
      await account.commit(filled(1, 700))
      await account.commit({ content: [1, 2, 3, 600].map((key) => contentOf(key)) })
      const [{ id } = assert.fail('no account')] = await opened.store.accounts()
      const again = (await opened.reopen()).account(id)
      const expected = [600, 2, 1].map((key) => ({
        ...contentOf(key),
        messageId: gmailId(key),
        threadId: messageRow(key).threadId,
      }))
      const asked = [600, 2, 500, 1].map((key) => messageKey(key))
      assert.deepEqual(await again.content(asked, { header: true }), expected)
      assert.deepEqual(
        await again.content(asked, { header: false }),
        expected.map((row) => ({ ...row, header: undefined })),
      )
      const many = Array.from({ length: 700 }, (_, index) => messageKey(index + 1))
      assert.deepEqual(
        (await again.content(many, { header: false })).map(({ key }) => key),
        [1, 2, 3, 600],
      )
    })

    test('any text in a summary comes back', async () => {
      const opened = await open()
      try {
        const { id } = await opened.store.addAccount('ada@example.org')
        const account = opened.store.account(id)
        await account.commit({ mailboxes: [mailboxRow()], ...filled(1, 1) })
        const text = fc.string({ unit: 'binary' })
        await fc.assert(
          fc.asyncProperty(
            text,
            text,
            fc.array(text),
            fc.uint8Array(),
            async (snippet, subject, references, header) => {
              const { summary } = contentOf(1)
              const given = contentOf(1, {
                snippet,
                summary: { ...summary, subject, envelope: subject, references },
                header: Buffer.from(header),
              })
              await account.commit({ content: [given] })
              const [read] = await account.content([given.key], { header: true })
              assert.deepEqual(
                [read?.snippet, read?.summary, read?.header],
                [given.snippet, given.summary, given.header],
              )
            },
          ),
          { numRuns: 30 },
        )
      } finally {
        await opened.close()
      }
    })

    withAccount('what is not hydrated is listed newest first, page by page', async (account) => {
      await account.commit({
        newMessages: [
          messageRow(1, { messageId: messageId('ff') }),
          messageRow(2, { messageId: messageId('100') }),
          messageRow(3, { messageId: messageId('18c0000000000000') }),
          messageRow(4, { messageId: messageId('fe') }),
        ],
      })
      await account.commit({ content: [contentOf(3)] })
      const page = await account.unhydrated(2)
      assert.deepEqual(
        page.map((row) => row.messageId),
        ['100', 'ff'],
      )
      assert.deepEqual(
        (await account.unhydrated(2, page[1]?.messageId)).map((row) => row.messageId),
        ['fe'],
      )
      assert.deepEqual(await account.unhydrated(2, messageId('fe')), [])
    })
  })

  describe(`${name}: what POP3 sessions are done with`, () => {
    const keys = Array.from({ length: 1200 }, (_, index) => messageKey(index + 1))

    withAccount('deleted ones count as retrieved, and stay deleted', async (account, opened) => {
      await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(1201) })], ...filled(1, 1200) })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set())
      await account.popped.add({ retrieved: keys.slice(0, 700), deleted: keys.slice(600, 800) })
      await account.popped.add({ retrieved: keys.slice(790, 810), deleted: [] })
      const store = await opened.reopen()
      const [row] = await store.accounts()
      assert.ok(row)
      const again = store.account(row.id)
      assert.deepEqual(await again.popped.among(keys, 'retrieved'), new Set(keys.slice(0, 810)))
      assert.deepEqual(await again.popped.among(keys, 'deleted'), new Set(keys.slice(600, 800)))
      assert.deepEqual(await again.popped.among(keys.slice(650, 651), 'deleted'), new Set([651]))
    })

    withAccount('a message that is gone is not remembered, and forgotten with its row', async (account) => {
      await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(4) })], ...filled(1, 3) })
      await account.popped.add({ retrieved: keys.slice(0, 5), deleted: keys.slice(1, 2) })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set([1, 2, 3]))
      await account.commit({
        leave: [{ mailbox: inbox.id, uid: uid(2), modSeq: modSeq(2) }],
        forget: [messageKey(2)],
      })
      assert.deepEqual(await account.popped.among(keys, 'retrieved'), new Set([1, 3]))
    })

    withStore('accounts do not share it', async ({ store }) => {
      const ada = store.account((await store.addAccount('ada@example.org')).id)
      const bob = store.account((await store.addAccount('bob@example.org')).id)
      for (const account of [ada, bob])
        await account.commit({ mailboxes: [mailboxRow({ uidNext: uid(4) })], ...filled(1, 3) })
      await ada.popped.add({ retrieved: keys.slice(0, 3), deleted: [] })
      assert.deepEqual(await bob.popped.among(keys, 'retrieved'), new Set())
    })
  })

  describe(`${name}: subscriptions of names without a mailbox`, () => {
    withAccount(
      'they are there after a restart, the last word of them',
      async ({ subscriptions }, opened) => {
        assert.deepEqual(await subscriptions.all(), new Map())
        await subscriptions.replace(new Map([['Gone', true]]))
        const names = new Map([
          ['Päppels/été', true],
          ['Parent', false],
        ])
        await subscriptions.replace(names)
        const store = await opened.reopen()
        const [account] = await store.accounts()
        assert.ok(account)
        assert.deepEqual(await store.account(account.id).subscriptions.all(), names)
        const other = await store.addAccount('bob@example.org')
        assert.deepEqual(await store.account(other.id).subscriptions.all(), new Map())
        await store.removeAccount(account.id)
        assert.deepEqual(await store.account(account.id).subscriptions.all(), new Map())
      },
    )
  })

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

    withAccount('messages in no mailbox are found', async (account) => {
      await account.commit({ ...filled(1, 2), newMessages: [1, 2, 3, 4].map((key) => messageRow(key)) })
      assert.deepEqual(await account.orphans(1), [3])
      assert.deepEqual(await account.orphans(10), [3, 4])
    })
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

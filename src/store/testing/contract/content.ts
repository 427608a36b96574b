import assert from 'node:assert/strict'
import { describe } from 'node:test'
import * as fc from 'fast-check'
import { messageId, messageKey } from '#mail/ids.ts'
import { contentOf, filled, gmailId, messageRow } from '../rows.ts'
import type { StoreTests } from './store-tests.ts'

/** What the one raw get of a message gave. */
export function contentContract(name: string, { withAccount }: StoreTests): void {
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

    withAccount('any text in a summary comes back', async (account) => {
      await account.commit(filled(1, 1))
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
}

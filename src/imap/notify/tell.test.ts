import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { selected } from '../testing/run-command.ts'
import { createMemoryMailstore } from '../testing/memory-mailstore.ts'
import { NotifyFeed } from './feed.ts'
import { nothing } from './request.ts'
import type { NotifyRequest } from './request.ts'
import { tell } from './tell.ts'
import type { Moment } from './tell.ts'

const bytes = 'Subject: x\r\n\r\nx\r\n'

const step = fc.oneof(
  fc.record({ kind: fc.constant('deliver' as const) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('flag' as const), at: fc.nat(), seen: fc.boolean() }),
  fc.record({ kind: fc.constant('tell' as const), expunge: fc.boolean(), own: fc.boolean() }),
  fc.record({
    kind: fc.constant('notify' as const),
    none: fc.boolean(),
    delayed: fc.boolean(),
    messages: fc.boolean(),
    flags: fc.boolean(),
  }),
)

/** What a client knows that counts: EXPUNGE takes one away, EXISTS adds some, whose UIDs it asks for. */
function hear(known: number[], lines: string, told: Uint32Array): void {
  for (const line of lines.split('\r\n')) {
    const expunged = /^\* (\d+) EXPUNGE$/.exec(line)
    const exists = /^\* (\d+) EXISTS$/.exec(line)
    if (expunged !== null) {
      assert.ok(Number(expunged[1]) <= known.length, line)
      known.splice(Number(expunged[1]) - 1, 1)
    } else if (exists !== null) known.push(...told.subarray(known.length, Number(exists[1])))
  }
}

test('whatever is wanted and whenever it is told, the numbers are those that the client counts, and flags are true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const messages = [{ bytes }, { bytes }, { bytes }]
      const mailstore = createMemoryMailstore({
        address: 'a@x.test',
        mailboxes: [{ name: 'INBOX', messages }],
      })
      const context = await selected(mailstore, 'INBOX')
      const present = new Set([1, 2, 3])
      const known = [...context.view.told.uids]
      let feed: NotifyFeed | undefined
      const telling = async (moment: Moment) => {
        let lines = ''
        for await (const chunk of tell({ ...context, selected: context.view, feed }, moment))
          lines += String(chunk)
        const { told } = context.view
        hear(known, lines, told.uids)
        assert.deepEqual(known, [...told.uids])
        if (!moment.expunge) assert.doesNotMatch(lines, /EXPUNGE/)
        for (const [index, uid] of told.uids.entries())
          if (present.has(uid))
            assert.equal(
              told.flagTable.get(told.flags[index] as number).text,
              mailstore.flagsOf('INBOX', uid),
            )
      }
      for (const one of steps) {
        const uid = 'at' in one ? [...present][one.at % Math.max(1, present.size)] : undefined
        if (one.kind === 'deliver') present.add(mailstore.deliver('INBOX', { bytes }))
        else if (one.kind === 'tell') await telling(one)
        else if (one.kind === 'notify') {
          const { none, ...wanted } = one
          const request: NotifyRequest = none ? nothing : { selected: { ...wanted, items: [] }, groups: [] }
          feed?.close()
          feed = await NotifyFeed.open(request, context)
        } else if (uid !== undefined && one.kind === 'remove') {
          mailstore.remove('INBOX', uid)
          present.delete(uid)
        } else if (uid !== undefined && one.kind === 'flag')
          mailstore.setFlags('INBOX', uid, one.seen ? ['\\Seen'] : [])
      }
      await telling({ expunge: true, own: true })
      assert.deepEqual(known, [...present])
    }),
    { numRuns: 200 },
  )
})

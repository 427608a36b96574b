import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { MailError } from '#mail/errors.ts'
import { cancelUpdate } from '../commands/cancelupdate.ts'
import { search } from '../commands/search.ts'
import { sort } from '../commands/sort.ts'
import { createMemoryMailstore, type MemoryMessage } from '../testing/memory-mailstore.ts'
import { run, selected } from '../testing/run-command.ts'
import { tellUpdates } from './tell-updates.ts'

type Context = Awaited<ReturnType<typeof selected>>

function letter(subject: number): MemoryMessage {
  return { bytes: `Subject: ${subject % 5}\r\nFrom: a@example.org\r\n\r\n` }
}

function storeOf(count: number) {
  const messages = Array.from({ length: count }, (_, at) => letter(at * 3))
  return createMemoryMailstore({ address: 'ada@example.org', mailboxes: [{ name: 'INBOX', messages }] })
}

/** As after a command: what changed, and then what that changes in the results. */
async function news(context: Context, expunge = true): Promise<string[]> {
  let text = ''
  for (const piece of context.view.sync(expunge, context.enabled)) text += String(piece)
  for await (const piece of tellUpdates(context, context.view.contexts)) text += String(piece)
  return text.split('\r\n').slice(0, -1)
}

async function begun(
  context: Context,
  command: 'search' | 'sort',
  text: string,
  tag = 'a1',
): Promise<number[]> {
  const { lines } = await run(command === 'search' ? search : sort, { ...context, tag }, text, true)
  return numbersOf(/ ALL (\S+)/.exec(lines.at(-1) ?? '')?.[1] ?? '')
}

function numbersOf(set: string): number[] {
  const numbers: number[] = []
  for (const [, from, to = from] of set.matchAll(/(\d+)(?::(\d+))?/g))
    for (let one = Number(from); one <= Number(to); one++) numbers.push(one)
  return numbers
}

/** A client that does what ADDTO and REMOVEFROM say; position 0 keeps results ascending. */
function applied(results: readonly number[], line: string): number[] {
  let list = [...results]
  for (const [, what, data = ''] of line.matchAll(/(REMOVEFROM|ADDTO) \(([^)]*)\)/g))
    for (const [, position, set = ''] of data.matchAll(/(\d+) ([\d:,]+)/g))
      for (const [offset, uid] of numbersOf(set).entries()) {
        const at = Number(position)
        if (what === 'REMOVEFROM') {
          if (at > 0) assert.equal(list[at - 1], uid, `${line}: it is at its position`)
          assert.ok(list.includes(uid), `${line}: it is among ${list.join()}`)
          list = list.filter((one) => one !== uid)
        } else {
          assert.ok(!list.includes(uid), `${line}: it is not among ${list.join()}`)
          if (at > 0) list.splice(at - 1 + offset, 0, uid)
          else list = [...list, uid].sort((a, b) => a - b)
        }
      }
  return list
}

const action = fc.oneof(
  fc.record({ kind: fc.constant('deliver' as const), subject: fc.nat({ max: 20 }) }),
  fc.record({ kind: fc.constant('remove' as const), which: fc.nat({ max: 30 }) }),
  fc.record({ kind: fc.constant('flag' as const), which: fc.nat({ max: 30 }), seen: fc.boolean() }),
  fc.record({ kind: fc.constant('listen' as const), expunge: fc.boolean() }),
)

test('whatever happens, the results a client keeps by the updates are those of a new search', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const mailstore = storeOf(6)
      const context = await selected(mailstore, 'INBOX')
      const asked = [
        ['search', ' RETURN (UPDATE) UNSEEN'],
        ['search', ' RETURN (ALL UPDATE CONTEXT) OR SUBJECT 1 SEEN'],
        ['sort', ' RETURN (UPDATE ALL) (SUBJECT REVERSE ARRIVAL) UTF-8 UNSEEN'],
        ['sort', ' RETURN (UPDATE) (REVERSE SUBJECT) UTF-8 NOT SUBJECT 2'],
      ] as const
      const kept = new Map<string, number[]>()
      for (const [i, [name, text]] of asked.entries())
        kept.set(`c${i}`, await begun(context, name, text, `c${i}`))
      for (const one of [...actions, { kind: 'listen', expunge: true } as const]) {
        const uids = mailstore.uidsOf('INBOX')
        const uid = 'which' in one ? (uids[one.which % Math.max(uids.length, 1)] ?? 0) : 0
        if (one.kind === 'deliver') mailstore.deliver('INBOX', letter(one.subject))
        else if (one.kind === 'listen')
          for (const line of await news(context, one.expunge)) {
            const tag = /ESEARCH \(TAG "(\w+)"\)/.exec(line)?.[1]
            if (tag !== undefined) kept.set(tag, applied(kept.get(tag) ?? [], line))
          }
        else if (uid === 0) continue
        else if (one.kind === 'remove') mailstore.remove('INBOX', uid)
        else mailstore.setFlags('INBOX', uid, one.seen ? [String.raw`\Seen`] : [])
      }
      for (const [i, [name, text]] of asked.entries()) {
        const fresh = await begun(context, name, text.replace('UPDATE', 'ALL').replace('ALL ALL', 'ALL'), 'z')
        assert.deepEqual(kept.get(`c${i}`), fresh, text)
      }
    }),
    { numRuns: 60 },
  )
})

test('what leaves the mailbox leaves the results before its number is another’s', async () => {
  const mailstore = storeOf(3)
  const context = await selected(mailstore, 'INBOX')
  await run(search, context, ' RETURN (UPDATE) ALL')
  mailstore.remove('INBOX', 2)
  mailstore.deliver('INBOX', letter(9))
  assert.deepEqual(await news(context), [
    '* ESEARCH (TAG "a1") REMOVEFROM (0 2)',
    '* 2 EXPUNGE',
    '* 3 EXISTS',
    '* ESEARCH (TAG "a1") ADDTO (0 3)',
  ])
})

test('a text in a message is looked for in what comes', async () => {
  const mailstore = storeOf(2)
  const context = await selected(mailstore, 'INBOX')
  await run(search, context, ' RETURN (UPDATE) BODY new UNSEEN')
  mailstore.deliver('INBOX', { bytes: 'Subject: x\r\n\r\nnews\r\n' })
  assert.deepEqual(await news(context), ['* 3 EXISTS', '* ESEARCH (TAG "a1") ADDTO (0 3)'])
  mailstore.setFlags('INBOX', 3, ['\\Seen'])
  assert.deepEqual((await news(context)).at(-1), '* ESEARCH (TAG "a1") REMOVEFROM (0 3)')
})

test('results that change with the clock, with numbers or with what only Google knows are not followed', async () => {
  const context = await selected(storeOf(2), 'INBOX')
  for (const key of ['YOUNGER 60', '1:2', 'UID 1:*', 'OR SEEN $', 'X-GM-RAW x'])
    assert.match(
      (await run(search, context, ` RETURN (COUNT UPDATE) ${key}`, true)).text,
      /^\* NO \[NOUPDATE "a1"\] .+\r\n\* ESEARCH \(TAG "a1"\) UID COUNT \d\r\n$/,
      key,
    )
  assert.equal(context.view.contexts.empty, true)
})

test('the ninth search is not followed, until another is let go of', async () => {
  const context = await selected(storeOf(2), 'INBOX')
  const ask = async (tag: string) =>
    (await run(search, { ...context, tag }, ' RETURN (UPDATE) ALL', true)).text
  for (let n = 1; n <= 8; n++) assert.doesNotMatch(await ask(`t${n}`), /NOUPDATE/)
  assert.match(await ask('t9'), /^\* NO \[NOUPDATE "t9"\] Too many contexts\r\n\* ESEARCH/)
  await run(cancelUpdate, context, ' "t3" "t4" "unknown"')
  assert.doesNotMatch(await ask('t9'), /NOUPDATE/)
  assert.equal(
    (await run(search, { ...context, tag: 't9' }, ' RETURN (UPDATE) ALL')).completion?.status,
    'BAD',
  )
})

test('while Google cannot be asked about a new message, the client hears that nothing more comes', async () => {
  const mailstore = storeOf(2)
  const context = await selected(mailstore, 'INBOX')
  await run(search, context, ' RETURN (UPDATE) SUBJECT 1', true)
  mailstore.deliver('INBOX', letter(1))
  for (const piece of context.view.sync(true, context.enabled)) assert.equal(piece, '* 3 EXISTS\r\n')
  mailstore.trouble = new MailError('unavailable', 'Google is away')
  let text = ''
  for await (const piece of tellUpdates(context, context.view.contexts)) text += String(piece)
  assert.equal(text, '* NO [NOUPDATE "a1"] Google cannot be asked now\r\n')
  assert.equal(context.view.contexts.empty, true)
})

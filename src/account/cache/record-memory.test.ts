import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId, messageKey, threadId } from '#mail/ids.ts'
import type { MessageRecord } from '#mail/mailstore.ts'
import { summarise } from '#mail/mime/summarise.ts'
import { RecordMemory, type AccountRecords } from './record-memory.ts'

function record(key: number, subject = 'one'): MessageRecord {
  const { summary } = summarise(Buffer.from(`Subject: ${subject}\r\n\r\nhello\r\n`))
  return {
    key: messageKey(key),
    messageId: messageId(key.toString(16)),
    threadId: threadId(key.toString(16)),
    internalDate: key,
    summary,
    header: undefined,
  }
}

test('what was remembered first is forgotten first, and the room is kept', () => {
  const memory = new RecordMemory(100_000)
  const records = memory.open()
  for (let key = 1; key <= 1000; key++) {
    records.remember(record(key))
    assert.ok(memory.bytes <= 100_000)
  }
  assert.equal(records.get(messageKey(1)), undefined)
  assert.equal(records.get(messageKey(1000))?.internalDate, 1000)
  assert.ok(records.wasRead(messageKey(1)), 'that it was read stays known')
  assert.equal(records.wasRead(messageKey(1001)), false)
})

test('the account with most gives room to another', () => {
  const memory = new RecordMemory(50_000)
  const [large, small] = [memory.open(), memory.open()]
  for (let key = 1; key <= 200; key++) large.remember(record(key))
  for (let key = 1; key <= 5; key++) small.remember(record(key))
  assert.equal(small.get(messageKey(1))?.internalDate, 1)
  assert.ok(memory.bytes <= 50_000)
  large.close()
  assert.equal(memory.bytes, small.bytes)
})

test('remembering again counts once, dropping gives everything back', () => {
  const memory = new RecordMemory(50_000)
  const records = memory.open()
  records.remember(record(1))
  const once = memory.bytes
  records.remember(record(1))
  assert.equal(memory.bytes, once)
  const { drops } = records
  records.drop([messageKey(1)])
  assert.notEqual(records.drops, drops)
  assert.equal(memory.bytes, 0)
  assert.equal(records.get(messageKey(1)), undefined)
})

test('without room nothing is remembered', () => {
  const records = new RecordMemory(0).open()
  records.remember(record(1))
  assert.equal(records.get(messageKey(1)), undefined)
})

function ids(key: number) {
  return { messageId: messageId(key.toString(16)), threadId: threadId('7') }
}

test('the ids of what was read lately are known by heart until it ceases to exist', () => {
  const records = new RecordMemory(1000).open()
  for (let key = 1; key <= 5000; key++) records.identify(messageKey(key), ids(key))
  assert.equal(records.identity(messageKey(1)), undefined, 'the oldest make room')
  assert.deepEqual(records.identity(messageKey(5000)), ids(5000))
  records.drop([messageKey(5000)])
  assert.equal(records.identity(messageKey(5000)), undefined)
})

test('sieves take what is free and give it to records', () => {
  const memory = new RecordMemory(50_000)
  const records = memory.open()
  for (let key = 1; key <= 100; key++) records.sieves.remember(messageKey(key), Buffer.alloc(1000))
  assert.ok(memory.bytes <= 50_000)
  assert.equal(records.sieves.get(messageKey(1))?.length, 1000, 'one search throws out nothing of its own')
  assert.equal(records.sieves.get(messageKey(100)), undefined)
  for (let key = 1; key <= 10; key++) records.remember(record(key))
  assert.equal(records.get(messageKey(1))?.internalDate, 1)
  assert.equal(records.sieves.get(messageKey(1)), undefined)
  assert.ok(memory.bytes <= 50_000)
  for (let key = 11; key <= 100; key++) records.remember(record(key))
  assert.equal(records.sieves.bytes, 0)
})

test('an account that is searched takes the sieves of one that was searched before, not its records', () => {
  const memory = new RecordMemory(50_000)
  const [before, now] = [memory.open(), memory.open()]
  before.remember(record(1))
  for (let key = 1; key <= 100; key++) before.sieves.remember(messageKey(key), Buffer.alloc(1000))
  now.sieves.remember(messageKey(1), Buffer.alloc(1000))
  assert.equal(now.sieves.get(messageKey(1))?.length, 1000)
  assert.equal(before.sieves.bytes, 0)
  assert.equal(before.get(messageKey(1))?.internalDate, 1)
  now.drop([messageKey(1)])
  assert.equal(memory.bytes, before.bytes)
  now.sieves.remember(messageKey(1), Buffer.alloc(1000))
  now.close()
  assert.equal(memory.bytes, before.bytes)
})

test('the sieve of a message that has just come takes no room from others', () => {
  const memory = new RecordMemory(50_000)
  const [searched, filled] = [memory.open(), memory.open()]
  const pooled = Buffer.from('a sieve')
  filled.sieves.keepIfFree(messageKey(1), pooled)
  assert.deepEqual(filled.sieves.get(messageKey(1)), pooled)
  assert.equal(filled.sieves.get(messageKey(1))?.buffer.byteLength, pooled.length)
  for (let key = 1; key <= 100; key++) searched.sieves.remember(messageKey(key), Buffer.alloc(1000))
  assert.equal(filled.sieves.bytes, 0, 'it goes first when somebody searches')
  const before = searched.sieves.bytes
  filled.sieves.keepIfFree(messageKey(2), Buffer.alloc(2000))
  assert.equal(filled.sieves.bytes, 0)
  assert.equal(searched.sieves.bytes, before)
})

function note({ findings }: AccountRecords, text: string): void {
  findings.of('body', text).note(messageKey(1), true)
}

function told({ findings }: AccountRecords, text: string): boolean | undefined {
  return findings.of('body', text).of(messageKey(1))
}

test('what searches found out takes an eighth of the room, of those who searched last', () => {
  const memory = new RecordMemory(8 * 2000)
  const [one, two] = [memory.open(), memory.open()]
  for (const text of ['one', 'two']) note(one, text)
  assert.deepEqual([told(one, 'one'), told(one, 'two')], [true, true])
  for (const text of ['one', 'two', 'three', 'four', 'five']) note(two, text)
  assert.ok(memory.bytes <= 2000)
  assert.equal(told(two, 'five'), true)
  assert.equal(told(one, 'one'), undefined)
  note(two, 'six')
  two.drop([messageKey(1)])
  assert.equal(told(two, 'six'), undefined)
})

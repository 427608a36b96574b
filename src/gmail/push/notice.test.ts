import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPulled } from './notice.ts'

function received(ackId: string, content: unknown) {
  const data = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64')
  return { ackId, message: { data, messageId: '1', publishTime: '2026-11-24T12:00:00Z' } }
}

test('the history id may be a number or a string; of several notices for one mailbox the youngest counts', () => {
  const anna = 'anna@example.com'
  const { notices, ackIds } = readPulled({
    receivedMessages: [
      received('a', { emailAddress: anna, historyId: 12 }),
      received('b', { emailAddress: 'ben@example.com', historyId: '18446744073709551615' }),
      received('c', { emailAddress: anna, historyId: '100' }),
      received('d', { emailAddress: anna, historyId: 99 }),
    ],
  })
  assert.deepEqual(notices, [
    { address: anna, historyId: 100n },
    { address: 'ben@example.com', historyId: 18446744073709551615n },
  ])
  assert.deepEqual(ackIds, ['a', 'b', 'c', 'd'])
})

test('a history id that cannot be read is younger than any: it has to be asked for', () => {
  for (const historyId of [2 ** 60, -1, 1.5, 'x', null, undefined, {}])
    assert.deepEqual(
      readPulled({
        receivedMessages: [
          received('a', { emailAddress: 'a@b.c', historyId: 7 }),
          received('b', { emailAddress: 'a@b.c', historyId }),
          received('c', { emailAddress: 'a@b.c', historyId: 8 }),
        ],
      }).notices,
      [{ address: 'a@b.c', historyId: undefined }],
    )
})

test('what is no notice is acknowledged and left out', () => {
  const odd = ['', 'not JSON', '[]', '"x"', 'null', { emailAddress: 7 }, { historyId: 7 }]
  const receivedMessages = [
    ...odd.map((content, at) => received(`${at}`, content)),
    { ackId: 'bare' },
    { ackId: 'odd', message: { data: 7 } },
    { message: {} },
    null,
    'x',
  ]
  const { notices, ackIds } = readPulled({ receivedMessages })
  assert.deepEqual(notices, [])
  assert.deepEqual(ackIds, [...odd.map((_, at) => `${at}`), 'bare', 'odd'])
  for (const answer of [{}, null, 'x', [], { receivedMessages: {} }])
    assert.deepEqual(readPulled(answer), { notices: [], ackIds: [] })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assert as hold, constantFrom, property, string } from 'fast-check'
import { GmailError } from '../errors.ts'
import { checkFields, selectFields } from './fields.ts'

const message = {
  id: '18c',
  labelIds: ['INBOX', 'UNREAD'],
  payload: {
    mimeType: 'multipart/mixed',
    headers: [
      { name: 'From', value: 'a@x.test' },
      { name: 'To', value: 'b@x.test' },
    ],
    parts: [
      { partId: '0', body: { size: 3, data: 'YWJj' } },
      { partId: '1', body: { size: 9, attachmentId: 'A' } },
    ],
  },
}

describe('selectFields', () => {
  for (const [selector, expected] of [
    ['id', { id: '18c' }],
    ['id,labelIds', { id: '18c', labelIds: ['INBOX', 'UNREAD'] }],
    ['payload/mimeType', { payload: { mimeType: 'multipart/mixed' } }],
    ['payload/headers/name', { payload: { headers: [{ name: 'From' }, { name: 'To' }] } }],
    [
      'payload(parts(partId,body/size))',
      {
        payload: {
          parts: [
            { partId: '0', body: { size: 3 } },
            { partId: '1', body: { size: 9 } },
          ],
        },
      },
    ],
    [
      'payload/parts/body/data,payload/parts/partId',
      {
        payload: {
          parts: [
            { partId: '0', body: { data: 'YWJj' } },
            { partId: '1', body: {} },
          ],
        },
      },
    ],
    ['*', message],
    ['payload/*/name', { payload: { headers: [{ name: 'From' }, { name: 'To' }], parts: [{}, {}] } }],
    ['payload/mimeType,payload', { payload: message.payload }],
    ['nothing', {}],
    ['id/deeper', {}],
  ] as const) {
    it(`selects ${selector}`, () => assert.deepEqual(selectFields(message, selector), expected))
  }

  it('unites what a name and a star want of the same place', () => {
    const value = { a: { x: 1, y: 2, z: 3 }, b: { x: 4, y: 5 } }
    assert.deepEqual(selectFields(value, '*/x,a/y'), { a: { x: 1, y: 2 }, b: { x: 4 } })
  })

  it('maps a list at the top through', () => {
    assert.deepEqual(selectFields([{ a: 1, b: 2 }, { b: 3 }], 'a'), [{ a: 1 }, {}])
  })

  it('keeps a key named __proto__ a key', () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1,"b":2}}')
    assert.equal(JSON.stringify(selectFields(value, '__proto__/a')), '{"__proto__":{"a":1}}')
  })

  for (const selector of [
    '',
    ',',
    'a,',
    '/a',
    'a/',
    'a(',
    'a()',
    'a)',
    'a(b',
    'a(b))',
    'a b',
    'a(b)c',
    'é',
    '**',
  ]) {
    it(`refuses ${JSON.stringify(selector)}`, () => {
      assert.throws(
        () => selectFields(message, selector),
        (error) =>
          error instanceof GmailError &&
          error.code === 400 &&
          error.entry.reason === 'invalidArgument' &&
          error.message === `Invalid field selection ${selector}`,
      )
    })
  }

  it('refuses what is too deep or too long without running out of stack', () => {
    for (const selector of [
      'a('.repeat(100_000),
      `${'a('.repeat(60)}b${')'.repeat(60)}`,
      'a/'.repeat(60) + 'a',
      'a,'.repeat(3000),
    ]) {
      assert.throws(() => selectFields(message, selector), GmailError)
    }
  })

  it('answers any text with a part of the value or with a 400', () => {
    hold(
      property(
        string({ unit: constantFrom('a', 'b', '*', '/', '(', ')', ','), maxLength: 30 }),
        (selector) => {
          const value = { a: { a: 1, b: [{ a: 2 }, { b: { a: 3 } }] }, b: 'x' }
          let selected: unknown
          try {
            selected = selectFields(value, selector)
          } catch (error) {
            assert.ok(error instanceof GmailError && error.code === 400)
            return
          }
          // Selecting again changes nothing.
          assert.deepEqual(selectFields(selected, selector), selected)
        },
      ),
    )
  })
})

describe('checkFields', () => {
  it('takes what names fields of Gmail, wherever they are', () => {
    for (const selector of [
      'messages/id,nextPageToken',
      'history(id,messagesAdded(message(id,labelIds)))',
      'payload/*/name',
      '*',
    ]) {
      checkFields(selector)
    }
  })

  for (const [selector, told] of [
    ['messages/ids', 'ids'],
    ['id,nosuch', 'nosuch'],
    ['payload(headers(name,__proto__))', '__proto__'],
    ['id(', 'id('],
    ['', ''],
  ] as const) {
    it(`refuses ${JSON.stringify(selector)}`, () => {
      assert.throws(
        () => checkFields(selector),
        (error) => error instanceof GmailError && error.message === `Invalid field selection ${told}`,
      )
    })
  }
})

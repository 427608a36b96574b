import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { areCommon, commonFields, isCommon } from './common-fields.ts'
import { headerFields } from './sections.ts'

test('common fields asked of the common part are those of the whole header', () => {
  const line = fc.constantFrom(
    'From: a\r\n',
    'SUBJECT : two\r\n lines\r\n',
    'Received: x\r\n\tby y\r\n',
    'DKIM-Signature: z\n',
    'to: b\n',
    'Subject: again\r\n',
    ' stray\r\n',
    'nonsense\r\n',
  )
  const end = fc.constantFrom('\r\n', '\n', '', 'Cc: unended', 'X-Trace: unended')
  const wanted = fc.subarray(['From', 'To', 'subject', 'CC', 'Date'], { minLength: 1 })
  fc.assert(
    fc.property(fc.array(line), end, wanted, (lines, last, fields) => {
      const header = Buffer.from(lines.join('') + last)
      assert.ok(areCommon(fields))
      assert.equal(
        headerFields(commonFields(header) ?? assert.fail(), fields, false).toString(),
        headerFields(header, fields, false).toString(),
      )
    }),
  )
})

test('what is not common, or too long, is not kept apart', () => {
  assert.equal(isCommon('X-Spam-Score'), false)
  assert.equal(areCommon(['Subject', 'Received']), false)
  assert.equal(commonFields(Buffer.from(`To: ${'a@example.org, '.repeat(2000)}\r\n\r\n`)), undefined)
})

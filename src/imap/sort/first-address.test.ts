import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { summarise } from '#mail/mime/summarise.ts'
import { firstAddress } from './first-address.ts'

function envelopeOf(...header: string[]): string {
  return summarise(Buffer.from(`${header.join('\r\n')}\r\n\r\n`, 'latin1')).summary.envelope
}

test('the first address of each field is found', () => {
  const envelope = envelopeOf(
    'From: "Ada \\"Countess\\"" <ada@a.test>, ben@b.test',
    'To: =?UTF-8?Q?J=C3=BCrgen?= <j@c.test>',
    'Cc: Friends: eve@d.test;',
    'Subject: (odd) "subject" {3}',
  )
  assert.deepEqual(firstAddress(envelope, 'from'), { name: 'Ada "Countess"', mailbox: 'ada', host: 'a.test' })
  assert.deepEqual(firstAddress(envelope, 'to'), {
    name: '=?UTF-8?Q?J=C3=BCrgen?=',
    mailbox: 'j',
    host: 'c.test',
  })
  assert.deepEqual(firstAddress(envelope, 'cc'), { name: undefined, mailbox: 'Friends', host: undefined })
})

test('a field that is not there names nobody', () => {
  assert.equal(firstAddress(envelopeOf('Subject: x'), 'from'), undefined)
  assert.equal(firstAddress(envelopeOf('From: a@b.test'), 'cc'), undefined)
})

test('whatever the other fields hold, the address is found', () => {
  const octets = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  })
  const value = octets.map((text) => text.replaceAll(/[\r\n]/g, '\r\n '))
  fc.assert(
    fc.property(value, value, value, (subject, from, replyTo) => {
      const envelope = envelopeOf(
        `Subject: ${subject}`,
        `From: ${from}`,
        `Reply-To: ${replyTo}`,
        'To: "Last" <last@a.test>',
      )
      assert.deepEqual(firstAddress(envelope, 'to'), { name: 'Last', mailbox: 'last', host: 'a.test' })
    }),
  )
})

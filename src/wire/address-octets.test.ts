import assert from 'node:assert/strict'
import { test } from 'node:test'
import { octetsOf } from './address-octets.ts'

test('octetsOf() knows every way to write an address', () => {
  for (const [address, hex] of [
    ['127.0.0.1', '7f000001'],
    ['255.1.2.0', 'ff010200'],
    ['::', '0'.repeat(32)],
    ['::1', '1'.padStart(32, '0')],
    ['2001:db8::7', '20010db8000000000000000000000007'],
    ['2001:DB8:0:0:1:2:3:4', '20010db8000000000001000200030004'],
    ['::ffff:192.0.2.7', '00000000000000000000ffffc0000207'],
    ['64:ff9b::', '0064ff9b000000000000000000000000'],
  ] as const)
    assert.equal(Buffer.from(octetsOf(address)).toString('hex'), hex, address)
})

test('octetsOf() refuses what is no address', () => {
  for (const text of ['', 'localhost', '1.2.3', '1.2.3.256', '[::1]', ':::', '1::2::3'])
    assert.throws(() => octetsOf(text), RangeError, text)
})

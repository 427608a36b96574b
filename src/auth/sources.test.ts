import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { comesFrom, isSource } from './sources.ts'

test('an address or a network of IPv4 or IPv6 is a source; a name, a range or a longer prefix is none', () => {
  for (const good of [
    '192.0.2.7',
    '192.0.2.0/24',
    '0.0.0.0/0',
    '::1',
    '2001:db8::/32',
    '::/0',
    ' 10.0.0.0/8 ',
    '::ffff:192.0.2.7',
  ])
    assert.ok(isSource(good), good)
  for (const bad of [
    '',
    'example.org',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0-192.0.2.9',
    '::/129',
    '192.0.2.0/',
    '192.0.2.0/24/1',
    '1'.repeat(1000),
    'fe80::1%eth0',
  ])
    assert.ok(!isSource(bad), bad)
})

test('a client comes from a network that holds its address, however the socket spells it', () => {
  const home = ['192.0.2.0/24', '2001:db8:1::/48', '203.0.113.9']
  for (const inside of [
    '192.0.2.1',
    '::ffff:192.0.2.200',
    '::FFFF:203.0.113.9',
    '2001:db8:1:2::3',
    '2001:db8:1::1%eth0',
  ])
    assert.ok(comesFrom(home, inside), inside)
  for (const outside of ['192.0.3.1', '2001:db8:2::1', '203.0.113.10', '::1', '127.0.0.1', '', 'nonsense'])
    assert.ok(!comesFrom(home, outside), outside)
  assert.ok(!comesFrom([], '192.0.2.1'))
})

const number = (octets: number[]) => octets.reduce((sum, octet) => sum * 256 + octet, 0)

test('an IPv4 network holds exactly the addresses that share its prefix', () => {
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(octets, octets, fc.integer({ min: 0, max: 32 }), (network, client, prefix) => {
      const shared =
        Math.floor(number(network) / 2 ** (32 - prefix)) === Math.floor(number(client) / 2 ** (32 - prefix))
      assert.equal(comesFrom([`${network.join('.')}/${prefix}`], client.join('.')), shared)
    }),
  )
})

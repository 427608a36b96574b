import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseUrl } from './base-url.ts'

const bases: readonly (readonly [string, string])[] = [
  ['https://gmail.googleapis.com', 'https://gmail.googleapis.com'],
  ['http://localhost:8080/', 'http://localhost:8080'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
  ['http://host:1/some/gate/', 'http://host:1/some/gate'],
  ['http://host:1/some//gate//', 'http://host:1/some/gate'],
  ['http://host:1/gate/gmail/v1/', 'http://host:1/gate'],
  ['http://host:1/gmail/v1', 'http://host:1'],
  ['http://host:1/gate?a=b#c', 'http://host:1/gate'],
]

for (const [address, base] of bases)
  test(`the base of ${address} is ${base}`, () => assert.equal(baseUrl(address), base))

test('what is no URL has no base', () => assert.throws(() => baseUrl('gmail'), TypeError))

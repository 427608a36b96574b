import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHostCheck } from './host-check.ts'

function verdicts(listenHost: string, hosts: readonly string[], names: readonly string[] = []): boolean[] {
  const isOurs = createHostCheck(listenHost, names)
  return hosts.map((host) => isOurs(host))
}

const wrong = [
  '',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example:8025',
  'localhost@evil.example',
  'localhost:8025:1',
  'localhost:',
  'localhost/',
  ' localhost',
  'localhost, evil.example',
  '[::1',
  '::1',
  '[::2]',
  '127.0.0.2',
  '0.0.0.0',
  '192.0.2.1',
  '2130706433',
]

describe('the Host check', () => {
  it('lets loopback in by its three names, with any port', () => {
    const right = ['localhost', 'LocalHost:8025', '127.0.0.1:1', '[::1]:8025', '[::1]']
    assert.deepEqual(
      verdicts('127.0.0.1', right),
      Array.from(right, () => true),
    )
  })

  it('lets nothing else in on loopback', () => {
    const let_in = wrong.filter((host) => createHostCheck('127.0.0.1')(host))
    assert.deepEqual(let_in, [])
  })

  it('lets the address in that we listen on, and any address where we listen on all, but no names', () => {
    assert.deepEqual(verdicts('192.0.2.1', ['192.0.2.1:8025', '192.0.2.2:8025', 'evil.example']), [
      true,
      false,
      false,
    ])
    assert.deepEqual(verdicts('0.0.0.0', ['192.0.2.1:8025', '[2001:db8::1]:8025', 'evil.example']), [
      true,
      true,
      false,
    ])
  })

  it('lets the names in that the operator gave', () => {
    assert.deepEqual(verdicts('127.0.0.1', ['mail.example:443', 'x.mail.example'], ['Mail.example']), [
      true,
      false,
    ])
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MailServer } from '../house.ts'
import { guides } from './guides.ts'
import { isHereOnly, reachedAs, serverFor } from './place.ts'
import type { Place } from './place.ts'
import { guideText } from './plain-text.ts'

const servers: readonly MailServer[] = [
  { protocol: 'IMAP', host: '127.0.0.1', port: 1143, security: 'STARTTLS' },
  { protocol: 'IMAP', host: '127.0.0.1', port: 1993, security: 'TLS' },
  { protocol: 'SMTP', host: '127.0.0.1', port: 1587, security: 'STARTTLS' },
]
const place: Place = { servers, address: 'ada@x.test', url: 'http://127.0.0.1:8025/', ownAuthority: true }

function snippetsOf(ownAuthority: boolean): string {
  return guides.map((guide) => JSON.stringify(guide.snippets?.({ ...place, ownAuthority }) ?? '')).join('')
}

test('every guide says address and doors, and never that something is undefined', () => {
  for (const guide of guides)
    for (const one of [
      place,
      { ...place, servers: [] },
      { ...place, servers: servers.slice(2), ownAuthority: false },
    ]) {
      const text = guideText(guide, one)
      assert.match(text, /ada@x\.test/, guide.name)
      assert.doesNotMatch(text, /undefined|\[object/, guide.name)
      if (one.servers.length === 3) assert.match(text, /1993|1587/, guide.name)
    }
  assert.equal(new Set(guides.map(({ name }) => name)).size, guides.length)
})

test('the door with TLS from the first octet comes first', () => {
  assert.equal(serverFor(place, 'IMAP')?.port, 1993)
  assert.equal(serverFor(place, 'SMTP')?.port, 1587)
  assert.equal(serverFor(place, 'POP3'), undefined)
})

test('phones are told when only this machine is reached', () => {
  assert.ok(isHereOnly(place))
  const open = reachedAs([{ protocol: 'IMAP', host: '::', port: 1, security: 'TLS' }], '[2001:db8::1]:8025')
  assert.equal(open[0]?.host, '2001:db8::1')
  assert.ok(!isHereOnly({ servers: open }))
  const ios = guides.find(({ name }) => name === 'ios')
  assert.match(ios?.caution?.(place) ?? '', /POSTERN_HOST/)
  assert.equal(ios?.caution?.({ ...place, servers: open }), undefined)
})

test('programs are pointed at the authority only when there is one', () => {
  assert.match(snippetsOf(true), /CertificateFile.*tls_trust_file/)
  assert.doesNotMatch(snippetsOf(false), /authority\.pem/)
})

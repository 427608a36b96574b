import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MailServer } from '../house.ts'
import { guides } from './guides.ts'
import { fitting, isHereOnly, reachedAs, serverFor, suits, withheldFrom } from './place.ts'
import type { Guide } from './guide.ts'
import type { Place } from './place.ts'
import { guideText } from './plain-text.ts'
import { thunderbirdMobileAccount } from './thunderbird-mobile.ts'

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

/** As the pages and the command line see the place for an account of this access. */
function placeWith(access: 'read' | 'send', maySend = false): Place {
  const account = { access, maySend }
  return { ...place, servers: fitting(servers, account), withheld: withheldFrom(account) }
}

test('a mailbox for sending only has SMTP alone, and only what sends is explained', () => {
  const sending = placeWith('send')
  assert.deepEqual(
    sending.servers.map(({ protocol }) => protocol),
    ['SMTP'],
  )
  const suitable = guides.filter((guide) => suits(guide, sending.withheld))
  assert.deepEqual(
    suitable.map(({ name }) => name),
    ['msmtp', 'script', 'scanner'],
  )
  for (const guide of guides) {
    const text = guideText(guide, sending)
    assert.match(text, /for sending only/)
    assert.doesNotMatch(text, /1143|1993|\bINBOX\b/, guide.name)
    assert.equal(suitable.includes(guide), /When something goes wrong/.test(text), guide.name)
  }
})

test('a mailbox for reading only names no server for sending, and says so', () => {
  const reading = placeWith('read')
  for (const guide of guides) {
    const text = guideText(guide, reading)
    assert.match(text, /for reading only/, guide.name)
    assert.doesNotMatch(text, /1587|none \(/, guide.name)
  }
  assert.match(
    guideText(guides[0] as Guide, reading),
    /Outgoing: leave it empty.*Nothing can be sent with this mailbox/,
  )
  assert.deepEqual(placeWith('read', true).servers, servers)
})

test('a code for Android has both servers and the user name, and no password', () => {
  const text = thunderbirdMobileAccount(place)
  assert.deepEqual(JSON.parse(text ?? ''), [
    1,
    [1, 1],
    [0, '127.0.0.1', 1993, 3, 1, 'ada@x.test'],
    [
      [
        [0, '127.0.0.1', 1587, 2, 1, 'ada@x.test'],
        ['ada@x.test', 'ada@x.test'],
      ],
    ],
  ])
  assert.equal(thunderbirdMobileAccount(placeWith('read')), undefined)
})

function codesOf(name: string, one: Place): string[] | undefined {
  const guide = guides.find((each) => each.name === name)
  return guide?.codes?.(one).map(({ text }) => text.slice(0, 33))
}

test('phones get codes only for what they can reach', () => {
  const open = { ...place, servers: reachedAs(servers, 'x'), url: 'https://postern.test/' }
  const away = { ...open, servers: servers.map((server) => ({ ...server, host: 'postern.test' })) }
  assert.deepEqual(codesOf('ios', place), [])
  assert.deepEqual(codesOf('k9', place), [])
  assert.deepEqual(codesOf('ios', away), ['https://postern.test/clients/ios?'])
  assert.equal(codesOf('k9', away)?.length, 2)
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { MailServer } from '../house.ts'
import { autoconfigXml } from './autoconfig.ts'
import { askedAddress, autodiscoverXml } from './autodiscover.ts'
import { mobileconfig } from './mobileconfig.ts'

const servers: readonly MailServer[] = [
  { protocol: 'IMAP', host: '127.0.0.1', port: 1993, security: 'TLS' },
  { protocol: 'IMAP', host: '127.0.0.1', port: 1143, security: 'STARTTLS' },
  { protocol: 'SMTP', host: '127.0.0.1', port: 1587, security: 'STARTTLS' },
]

test('autoconfig lists every door with its own encryption', () => {
  const text = autoconfigXml(servers, 'x.test')
  assert.match(text, /<port>1993<\/port>\s+<socketType>SSL</)
  assert.match(text, /<port>1143<\/port>\s+<socketType>STARTTLS</)
  assert.match(text, /<outgoingServer type="smtp">\s+<hostname>127\.0\.0\.1<\/hostname>\s+<port>1587</)
  assert.doesNotMatch(text, /pop3/)
})

test('autodiscover switches SPA off and takes the address from the question alone', () => {
  const asked = askedAddress(
    '<a:Request xmlns:a="x"><a:EMailAddress> ada@x.test </a:EMailAddress></a:Request>',
  )
  assert.equal(asked, 'ada@x.test')
  for (const body of [
    '',
    '<EMailAddress></EMailAddress>',
    '<EMailAddress>nobody</EMailAddress>',
    '<EMailAddress>a&b@c</EMailAddress>',
  ])
    assert.equal(askedAddress(body), undefined, body)
  const text = autodiscoverXml(servers, 'ada@x.test')
  assert.equal(text.match(/<SPA>off<\/SPA>/g)?.length, 2)
  assert.match(text, /<Type>IMAP<\/Type>\s+<Server>127\.0\.0\.1<\/Server>\s+<Port>1993<\/Port>/)
  assert.match(text, /<Type>SMTP<\/Type>[\s\S]*<Encryption>TLS<\/Encryption>/)
  assert.doesNotMatch(text, /POP3/)
})

test('the profile is what a property list reader reads, whatever the address', (t) => {
  const address = `o'hara&<"co">@x.test`
  const text = mobileconfig({ servers, address, authority: undefined })
  assert.ok(text !== undefined)
  const { error, stdout, stderr } = spawnSync(
    'python3',
    ['-c', 'import json,plistlib,sys; json.dump(plistlib.loads(sys.stdin.buffer.read()), sys.stdout)'],
    { input: text, encoding: 'utf8' },
  )
  if (error !== undefined) return t.skip('python3 is not installed')
  assert.notEqual(stdout, '', stderr)
  const [mail] = (JSON.parse(stdout) as { PayloadContent: Record<string, unknown>[] }).PayloadContent
  assert.equal(mail?.['EmailAddress'], address)
  assert.equal(mail?.['IncomingMailServerPortNumber'], 1993)
  assert.equal(mail?.['OutgoingMailServerUseSSL'], true)
  assert.match(
    String(mail?.['PayloadUUID']),
    /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-A[0-9A-F]{3}-[0-9A-F]{12}$/,
  )
  assert.equal(text, mobileconfig({ servers, address, authority: undefined }))
  assert.doesNotMatch(text, /Password<\/key><string>[^E]/)
})

test('there is no profile without IMAP', () => {
  assert.equal(mobileconfig({ servers: servers.slice(2), address: 'a@b.c', authority: undefined }), undefined)
})

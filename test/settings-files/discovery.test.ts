import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startPostern } from '../postern.ts'
import type { Ready, Running } from '../postern.ts'
import { withServe } from '../serve.ts'
import { complaintsOf, noXmllint, textsAt } from './xmllint.ts'

const user = 'demo@gmail.test'
const autoconfigPath = '/mail/config-v1.1.xml?emailaddress=demo%40gmail.test'
const question = (address: string) =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`

async function textOf(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init)
  const text = await response.text()
  assert.equal(response.status, 200, `${url}: ${text}`)
  assert.match(response.headers.get('content-type') ?? '', /^text\/xml; charset=utf-8/)
  return text
}

const ask = (url: string, address: string) =>
  textOf(url, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: question(address) })

describe('what mail programs read before they know anything', { skip: noXmllint }, () => {
  let running: Running
  let ready: Ready

  before(async () => {
    running = await startPostern(['demo', '--quota', '0'])
    ready = running.ready
  })
  after(() => running?.stop())

  test('the autoconfig file is what Thunderbird’s format demands, at every address', async () => {
    for (const path of [
      autoconfigPath,
      `/.well-known/autoconfig${autoconfigPath}`,
      '/mail/config-v1.1.xml',
      `/mail/config-v1.1.xml?emailaddress=${encodeURIComponent('<&"@x.test')}`,
      '/clients/thunderbird/isp.xml',
    ]) {
      const text = await textOf(`${ready.web.url}${path}`)
      assert.equal(complaintsOf(text, 'autoconfig'), '', path)
    }
  })

  test('it names each door once, the ones with TLS first', async () => {
    const text = await textOf(`${ready.web.url}${autoconfigPath}`)
    const provider = ['clientConfig', 'emailProvider']
    assert.deepEqual(textsAt(text, [...provider, 'domain']), ['gmail.test'])
    const { imaps, imap, pop3s, pop3, smtps, smtp } = ready
    const ports = (...doors: (typeof imap | undefined)[]) => doors.map((door) => String(door?.port))
    assert.deepEqual(textsAt(text, [...provider, 'incomingServer', 'port']), ports(imaps, imap, pop3s, pop3))
    assert.deepEqual(textsAt(text, [...provider, 'outgoingServer', 'port']), ports(smtps, smtp))
    assert.deepEqual(textsAt(text, [...provider, 'outgoingServer', 'socketType']), ['SSL', 'STARTTLS'])
  })

  test('the autodiscover answer is what Outlook’s format demands, at every address', async () => {
    const odd = 'o&apos;hara+&quot;co&quot;@x.test'
    for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
      const text = await ask(`${ready.web.url}${path}`, user)
      assert.equal(complaintsOf(text, 'autodiscover'), '', path)
      const protocol = ['Autodiscover', 'Response', 'Account', 'Protocol']
      assert.deepEqual(textsAt(text, [...protocol, 'Type']), ['IMAP', 'POP3', 'SMTP'])
      const ports = [ready.imaps, ready.pop3s, ready.smtps].map((door) => String(door?.port))
      assert.deepEqual(textsAt(text, [...protocol, 'Port']), ports)
      assert.deepEqual(textsAt(text, [...protocol, 'LoginName']), [user, user, user])
    }
    const refused = await fetch(`${ready.web.url}/autodiscover/autodiscover.xml`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: question(odd),
    })
    assert.equal(refused.status, 400)
    const file = await textOf(`${ready.web.url}/clients/outlook/autodiscover.xml`)
    assert.equal(complaintsOf(file, 'autodiscover'), '')
  })

  test('the schemas refuse what the formats do not know', async () => {
    const autoconfig = await textOf(`${ready.web.url}${autoconfigPath}`)
    const autodiscover = await ask(`${ready.web.url}/autodiscover/autodiscover.xml`, user)
    for (const [schema, good, from, to] of [
      ['autoconfig', autoconfig, '<socketType>SSL<', '<socketType>TLS<'],
      ['autoconfig', autoconfig, /<outgoingServer[\s\S]*<\/outgoingServer>/, ''],
      ['autoconfig', autoconfig, /<incomingServer[\s\S]*<\/incomingServer>/, ''],
      ['autoconfig', autoconfig, /<domain>.*<\/domain>/, ''],
      ['autoconfig', autoconfig, /<port>\d+</, '<port>0<'],
      ['autoconfig', autoconfig, 'version="1.1"', 'version="2"'],
      ['autoconfig', autoconfig, '</clientConfig>', ''],
      ['autodiscover', autodiscover, '<Type>POP3<', '<Type>POP<'],
      ['autodiscover', autodiscover, '<Type>SMTP<', '<Type>IMAP<'],
      ['autodiscover', autodiscover, '<SPA>off</SPA>', ''],
      ['autodiscover', autodiscover, '<SSL>on<', '<SSL>true<'],
      ['autodiscover', autodiscover, '<Encryption>SSL<', '<Encryption>STARTTLS<'],
      ['autodiscover', autodiscover, 'responseschema/2006a', 'responseschema/2006'],
    ] as const) {
      const bad = good.replace(from, to)
      assert.notEqual(bad, good, String(from))
      assert.notEqual(complaintsOf(bad, schema), '', String(from))
    }
  })
})

test('files for a mailbox with less access are still ones that programs accept', { skip: noXmllint }, () =>
  withServe(
    async (google) => {
      const scopes = ['https://www.googleapis.com/auth/gmail.readonly']
      const { refreshToken } = (await (
        await fetch(`${google.simulator.control}/grant`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ scopes }),
        })
      ).json()) as { refreshToken: string }
      return { accounts: [{ email: user, auth: { refreshToken } }] }
    },
    async ({ ready, bridge }) => {
      // What the grant permits is told with the first token: a person opens the page later than a test does.
      await bridge.logged('what the account may do has changed')
      const guide = await (await fetch(`${ready.web.url}/clients/thunderbird`)).text()
      assert.match(guide, /connected for reading only/)
      const account = `account=${encodeURIComponent(user)}`
      const isp = await textOf(`${ready.web.url}/clients/thunderbird/isp.xml?${account}`)
      assert.equal(complaintsOf(isp, 'autoconfig'), '', isp)
      const outlook = await textOf(`${ready.web.url}/clients/outlook/autodiscover.xml?${account}`)
      assert.equal(complaintsOf(outlook, 'autodiscover'), '')
    },
  ),
)

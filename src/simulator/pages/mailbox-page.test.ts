import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, it } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { readMessage } from './readable-message.ts'
import { registerMailboxPage, type MailboxChange, type MailboxPageSource } from './mailbox-page.ts'

interface Kept {
  id: string
  labelIds: Set<string>
  internalDate: number
  from: string
  subject: string
  raw: Buffer
}

/** A mailbox in memory, as small as the page's interface allows. */
class SmallMailbox implements MailboxPageSource {
  readonly kept = new Map<string, Kept>()
  readonly listeners = new Set<(change: MailboxChange) => void>()

  accounts() {
    return ['demo@gmail.test', 'peer@gmail.test']
  }

  put(
    id: string,
    from: string,
    subject: string,
    labelIds: string[],
    raw: Buffer = Buffer.from('\r\n'),
  ): void {
    this.kept.set(id, {
      id,
      from,
      subject,
      labelIds: new Set(labelIds),
      internalDate: this.kept.size * 1000,
      raw,
    })
  }

  labels() {
    const count = (id: string) => [...this.kept.values()].filter(({ labelIds }) => labelIds.has(id))
    return ['INBOX', 'SENT', 'Label_1'].map((id) => ({
      id,
      name: id === 'Label_1' ? '<Travel>' : id,
      type: id === 'Label_1' ? ('user' as const) : ('system' as const),
      messagesTotal: count(id).length,
      messagesUnread: count(id).filter(({ labelIds }) => labelIds.has('UNREAD')).length,
    }))
  }

  messages(
    _address: string,
    labelId: string | undefined,
    { offset, limit }: { offset: number; limit: number },
  ) {
    const all = [...this.kept.values()]
      .filter(({ labelIds }) => labelId === undefined || labelIds.has(labelId))
      .toReversed()
    const rows = all.slice(offset, offset + limit).map((message) => ({
      ...message,
      labelIds: [...message.labelIds],
      threadId: message.id,
      to: 'demo@gmail.test',
      snippet: 'a "snippet" & more',
    }))
    return { rows, total: all.length }
  }

  message(_address: string, id: string) {
    const message = this.kept.get(id)
    return message && { ...message, threadId: id, labelIds: [...message.labelIds] }
  }

  changeLabels(address: string, id: string, add: readonly string[], remove: readonly string[]) {
    const message = this.kept.get(id)
    if (message === undefined) return false
    for (const label of add) message.labelIds.add(label)
    for (const label of remove) message.labelIds.delete(label)
    for (const listener of this.listeners) listener({ address, kind: 'labels', messageId: id })
    return true
  }

  deliver(address: string, raw: Buffer) {
    const id = `d${this.kept.size}`
    const { from, subject } = readMessage(raw)
    this.put(id, from, subject, ['INBOX', 'UNREAD'], raw)
    for (const listener of this.listeners) listener({ address, kind: 'added', messageId: id })
    return id
  }

  subscribe(listener: (change: MailboxChange) => void) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  status() {
    return {
      unitsPerMinute: 6000,
      unitsLastMinute: 1320,
      ledger: [{ method: 'messages.get', calls: 66, units: 1320 }],
    }
  }

  now() {
    return Date.UTC(2026, 10, 24)
  }
}

const open: FastifyInstance[] = []
afterEach(async () => {
  for (const app of open.splice(0)) await app.close()
})

async function start() {
  const app = Fastify({ forceCloseConnections: true })
  open.push(app)
  const mailbox = new SmallMailbox()
  registerMailboxPage(app, mailbox)
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const text = async (path: string) => (await fetch(base + path)).text()
  const token = async () => /name="token" value="([^"]+)"/.exec(await text('/'))?.[1] ?? ''
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(base + path, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
  return { app, mailbox, base, text, token, post }
}

describe('the mailbox page', () => {
  it('lists a label newest first, with counts, encoded words decoded and everything escaped', async () => {
    const { mailbox, text } = await start()
    mailbox.put('a1', '=?UTF-8?Q?J=C3=B6rg?= <j@example.org>', '<script>alert(1)</script>', [
      'INBOX',
      'UNREAD',
    ])
    mailbox.put('a2', '"Bea" <b@example.org>', '', ['INBOX', 'STARRED', 'Label_1'])
    const page = await text('/')
    assert.ok(page.indexOf('id="ma2"') < page.indexOf('id="ma1"'))
    assert.ok(page.includes('Jörg'))
    assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
    assert.equal(page.includes('<script>'), false)
    assert.ok(page.includes('&lt;Travel&gt;'))
    assert.ok(page.includes('(no subject)'))
    assert.ok(page.includes('a &quot;snippet&quot; &amp; more'))
    assert.match(page, /1–2 of 2/)
    assert.match(page, /1,320 of 6,000/)
    const travel = await text('/?account=demo%40gmail.test&label=Label_1')
    assert.equal(travel.includes('id="ma1"'), false)
    assert.ok(travel.includes('id="ma2"'))
  })

  it('pages through a long label', async () => {
    const { mailbox, text } = await start()
    for (let number = 0; number < 120; number += 1)
      mailbox.put(`n${number}`, 'a@example.org', `s${number}`, ['INBOX'])
    const last = await text('/?page=3')
    assert.match(last, /101–120 of 120/)
    assert.ok(last.includes('id="mn0"'))
    assert.match(last, /Page 3 of 3/)
    assert.match(await text('/?page=9999999'), /No messages/)
    assert.match(await text('/?page=x'), /1–50 of 120/)
  })

  it('opens a message as text, HTML only as its words', async () => {
    const { mailbox, text, base } = await start()
    const raw = Buffer.from(
      'From: a@example.org\r\nSubject: =?ISO-8859-1?Q?Gr=FC=DFe?=\r\nContent-Type: text/html; charset=utf-8\r\n\r\n' +
        '<p>Hello <b>you</b></p><script>bad()</script><img src="http://tracker.test/x.png">\r\n',
    )
    mailbox.put('h1', 'a@example.org', 'x', ['INBOX', 'UNREAD'], raw)
    const page = await text('/mailbox/message?id=h1')
    assert.ok(page.includes('Grüße'))
    assert.match(page, /Hello\s+you/)
    assert.equal(page.includes('bad()'), false)
    assert.equal(page.includes('tracker.test'), false)
    const original = await fetch(`${base}/mailbox/original?id=h1`)
    assert.equal(original.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), raw)
    assert.equal((await fetch(`${base}/mailbox/message?id=none`)).status, 404)
    assert.ok(mailbox.kept.get('h1')?.labelIds.has('UNREAD'), 'looking changes nothing')
  })

  it('changes labels by its buttons and goes back to where it was', async () => {
    const { mailbox, token, post } = await start()
    mailbox.put('m1', 'a@example.org', 'x', ['INBOX', 'UNREAD'])
    const fields = { token: await token(), account: 'demo@gmail.test', label: 'INBOX', id: 'm1' }
    const answer = await post('/mailbox/labels', { ...fields, action: 'read', page: '2' })
    assert.equal(answer.status, 303)
    assert.equal(answer.headers.get('location'), '/?account=demo%40gmail.test&label=INBOX&page=2')
    await post('/mailbox/labels', { ...fields, action: 'star' })
    assert.deepEqual([...(mailbox.kept.get('m1')?.labelIds ?? [])], ['INBOX', 'STARRED'])
    const opened = await post('/mailbox/labels', { ...fields, action: 'trash', from: 'message' })
    assert.ok(opened.headers.get('location')?.startsWith('/mailbox/message?'))
    assert.deepEqual([...(mailbox.kept.get('m1')?.labelIds ?? [])], ['STARRED', 'TRASH'])
    assert.equal((await post('/mailbox/labels', { ...fields, action: 'nonsense' })).status, 404)
    assert.equal((await post('/mailbox/labels', { ...fields, id: 'none', action: 'read' })).status, 404)
  })

  it('delivers a test message exactly as typed, and no header that was smuggled in', async () => {
    const { mailbox, token, post } = await start()
    const fields = { token: await token(), account: 'demo@gmail.test', from: 'Ünal "U" <u@example.org>' }
    const text = 'Zeile eins\nzwei: ж 日本\n'
    const subject = `Grüße ${'lang '.repeat(30)}ж\r\nBcc: victim@example.org`
    const answer = await post('/mailbox/deliver', { ...fields, subject, text })
    assert.equal(answer.status, 303)
    const raw = [...mailbox.kept.values()].at(-1)?.raw ?? Buffer.alloc(0)
    assert.ok(/^[\x09\x0a\x0d\x20-\x7e]*$/.test(raw.toString('latin1')))
    assert.equal(/^Bcc:/m.test(raw.toString()), false)
    assert.ok(
      raw
        .toString()
        .split('\r\n')
        .every((line) => line.length <= 78),
    )
    const read = readMessage(raw)
    assert.equal(read.subject, subject.replace('\r\n', ' '))
    assert.equal(read.text, 'Zeile eins\r\nzwei: ж 日本\r\n\r\n')
    assert.equal(read.from, 'Ünal "U" <u@example.org>')
    assert.equal(
      (await post('/mailbox/deliver', { ...fields, from: 'no address', subject: '', text })).status,
      400,
    )
  })

  it('refuses forms of other sites', async () => {
    const { mailbox, token, post, base } = await start()
    mailbox.put('m1', 'a@example.org', 'x', ['INBOX', 'UNREAD'])
    const fields = { account: 'demo@gmail.test', label: 'INBOX', id: 'm1', action: 'read' }
    const proof = await token()
    const tries: [Record<string, string>, Record<string, string>][] = [
      [{}, {}],
      [{ token: 'x'.repeat(proof.length) }, {}],
      [{ token: proof }, { origin: 'http://evil.test' }],
      [{ token: proof }, { origin: 'null' }],
      [{ token: proof }, { 'sec-fetch-site': 'cross-site' }],
      [{ token: proof }, { 'sec-fetch-site': 'same-site' }],
    ]
    for (const [more, headers] of tries) {
      assert.equal((await post('/mailbox/labels', { ...fields, ...more }, headers)).status, 403)
    }
    assert.ok(mailbox.kept.get('m1')?.labelIds.has('UNREAD'))
    const own = await post('/mailbox/labels', { ...fields, token: proof }, { origin: base })
    assert.equal(own.status, 303)
  })

  it('answers only at loopback names and forbids inline script and frames', async () => {
    const { base } = await start()
    const statusFor = (host: string, path: string) =>
      new Promise<number>((resolve, reject) => {
        const { port } = new URL(base)
        httpRequest({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
          .on('error', reject)
          .end()
      })
    for (const path of ['/', '/mailbox/live.js', '/mailbox/events?account=demo%40gmail.test']) {
      assert.equal(await statusFor('evil.test', path), 421, path)
      assert.equal(await statusFor('127.0.0.1.evil.test', path), 421, path)
      assert.equal(await statusFor('localhost:99:99', path), 421, path)
    }
    for (const host of ['localhost', 'LOCALHOST:8080', '[::1]:80', '127.0.0.1'])
      assert.equal(await statusFor(host, '/'), 200)
    const policy = (await fetch(base)).headers.get('content-security-policy') ?? ''
    assert.ok(policy.includes("default-src 'none'") && policy.includes("script-src 'self'"))
    assert.equal(policy.includes('unsafe'), false)
  })

  it('tells listening pages of changes in their own account only, and lets go of them', async () => {
    const { app, mailbox, base } = await start()
    mailbox.put('m1', 'a@example.org', 'x', ['INBOX'])
    const response = await fetch(`${base}/mailbox/events?account=demo%40gmail.test`)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const first = await reader.read()
    assert.match(Buffer.from(first.value ?? []).toString(), /^retry: /)
    mailbox.changeLabels('peer@gmail.test', 'm1', ['STARRED'], [])
    mailbox.changeLabels('demo@gmail.test', 'm1', ['UNREAD'], [])
    const second = await reader.read()
    assert.equal(Buffer.from(second.value ?? []).toString(), 'event: change\ndata: {}\n\n')
    assert.equal((await fetch(`${base}/mailbox/events?account=nobody`)).status, 404)
    await app.close()
    assert.equal((await reader.read()).done, true)
    assert.equal(mailbox.listeners.size, 0)
  })
})

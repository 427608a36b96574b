import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { createTransport } from 'nodemailer'
import { openPostOffice } from '#account/outbox/testing/post-office.ts'
import { startSimulator } from '#simulator/simulator.ts'
import { quietLog } from '#store/testing/quiet-log.ts'
import { admission, openPostHouse } from './testing/post-house.ts'
import type { PostHouse } from './testing/post-house.ts'

const limit = { timeout: 180_000 }
const owner = 'demo@gmail.test'
const secret = 'secret'
const run = promisify(execFile)

interface Whole {
  readonly house: PostHouse
  readonly dir: string
  readonly peer: string
  control(verb: string, body?: object): Promise<Record<string, unknown>>
  /** What lies in the peer's mailbox, as text. */
  letters(): Promise<string[]>
  transport(): ReturnType<typeof createTransport>
}

/** The door, the ledger and the simulator, as in the program. */
async function open(t: TestContext): Promise<Whole> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-whole-'))
  const simulator = await startSimulator({ mail: dir, quotaPerMinute: 0, seed: 'whole' })
  const office = await openPostOffice({ dir, gmailUrl: simulator.url, token: simulator.token }, quietLog)
  t.after(async () => {
    await office.close()
    await simulator.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  const house = await openPostHouse(t, {
    outboxOf: () => office.outbox,
    doorman: {
      password: (name, given) =>
        Promise.resolve(
          name === owner && given === secret ? admission(owner) : { refused: 'credentials', text: 'Wrong' },
        ),
      bearer: () => Promise.resolve({ refused: 'credentials', text: 'Wrong' }),
    },
  })
  const api = async (path: string) => {
    const answer = await fetch(`${simulator.url}/gmail/v1/users/me/${path}`, {
      headers: { authorization: `Bearer ${simulator.peer.token}` },
    })
    return (await answer.json()) as { messages?: { id: string }[]; raw?: string }
  }
  return {
    house,
    dir,
    peer: simulator.peer.user,
    async control(verb, body = {}) {
      const answer = await fetch(`${simulator.control}/${verb}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      return (await answer.json()) as Record<string, unknown>
    },
    async letters() {
      const { messages = [] } = await api('messages')
      const raws = await Promise.all(messages.map(({ id }) => api(`messages/${id}?format=raw`)))
      return raws.map(({ raw = '' }) => Buffer.from(raw, 'base64url').toString('latin1'))
    },
    transport() {
      const transport = createTransport({
        ...house.smtp,
        requireTLS: true,
        tls: { rejectUnauthorized: false },
        auth: { user: owner, pass: secret },
      })
      t.after(() => transport.close())
      return transport
    },
  }
}

test('a mail travels to the peer with its body and attachment, and without Bcc', limit, async (t) => {
  const whole = await open(t)
  const { response } = await whole.transport().sendMail({
    from: owner,
    to: 'bob@example.com',
    bcc: whole.peer,
    subject: 'Grüße',
    text: '..two dots\n.\nend',
    attachments: [{ filename: 'a.bin', content: Buffer.alloc(100_000, 7) }],
  })
  const [letter = '', ...others] = await whole.letters()
  assert.deepEqual(others, [])
  assert.match(response, /^250 2\.0\.0 OK [0-9a-f]+$/)
  assert.doesNotMatch(letter, /^bcc/im)
  assert.match(letter, /\r\n\.\.two dots\r\n\.\r\nend\r\n/)
  assert.match(letter, /filename=a\.bin/)
})

for (const when of ['before', 'after'] as const)
  test(`whoever tries again after an answer was lost ${when} the effect sends one mail`, limit, async (t) => {
    const whole = await open(t)
    const transport = whole.transport()
    const mail = {
      from: owner,
      to: whole.peer,
      subject: 'Once',
      text: 'x',
      messageId: '<once@x.test>',
      date: new Date(0),
    }
    await whole.control('fault', { method: 'messages.send', drop: true, when })
    const codes: number[] = []
    const ids = new Set<string>()
    // The ledger's clock leaps with each look, so that a client that is told 451 four times has waited two minutes.
    for (let n = 0; n < 6; n++)
      await transport.sendMail(mail).then(
        ({ response }) => ids.add(response),
        (error: unknown) => codes.push((error as { responseCode: number }).responseCode),
      )
    assert.ok(
      codes.every((code) => code === 451),
      codes.join(),
    )
    assert.equal((await whole.letters()).length, when === 'after' ? 1 : 0)
    if (when === 'after') assert.equal(ids.size, 1)
  })

test('a verified alias may be in From, another address may not', limit, async (t) => {
  const whole = await open(t)
  await whole.control('addAlias', { address: 'sales@other.test', verified: true })
  await whole.control('addAlias', { address: 'eve@other.test', verified: false })
  const transport = whole.transport()
  await transport.sendMail({ from: 'Sales <sales@other.test>', to: whole.peer, text: 'x' })
  assert.match((await whole.letters())[0] ?? '', /^From: Sales <sales@other\.test>/m)
  await assert.rejects(
    transport.sendMail({ from: 'eve@other.test', to: whole.peer, text: 'x' }),
    /550 5\.7\.60 From cannot be eve@other\.test\. Allowed: demo@gmail\.test, sales@other\.test/,
  )
  assert.equal((await whole.letters()).length, 1)
})

test('a send costs at most 115 units, all together', limit, async (t) => {
  const whole = await open(t)
  const transport = whole.transport()
  await transport.sendMail({ from: owner, to: whole.peer, text: 'first: the senders are asked for' })
  await whole.control('reset')
  await transport.sendMail({ from: owner, to: whole.peer, text: 'second' })
  const { units } = await whole.control('ledger')
  assert.ok((units as number) <= 115, String(units))
})

test('curl sends a file with LF, over STARTTLS and over TLS', limit, async (t) => {
  if (!(await has('curl'))) return t.skip('no curl here')
  const whole = await open(t)
  const file = join(whole.dir, 'mail.txt')
  await writeFile(file, `From: ${owner}\nTo: ${whole.peer}\nSubject: From curl\n\nline\n..dots\n`)
  const { smtp, smtps } = whole.house
  for (const url of [`smtp://127.0.0.1:${smtp.port}`, `smtps://127.0.0.1:${smtps.port}`])
    await run(
      'curl',
      `--silent --show-error --insecure --ssl-reqd --url ${url} --user ${owner}:${secret} --mail-from ${owner} --mail-rcpt ${whole.peer} --upload-file`
        .split(' ')
        .concat(file),
    )
  const letters = await whole.letters()
  assert.equal(letters.length, 2)
  for (const letter of letters) assert.match(letter, /Subject: From curl\r\n.*\r\n\r\nline\r\n\.\.dots\r\n/s)
})

test('a grant that was revoked is told with where to connect again', limit, async (t) => {
  const whole = await open(t)
  const transport = whole.transport()
  await transport.sendMail({ from: owner, to: whole.peer, text: 'x' })
  await whole.control('revoke')
  await assert.rejects(transport.sendMail({ from: owner, to: whole.peer, text: 'y' }), /45[14]/)
  assert.equal((await whole.letters().catch(() => [])).length, 1)
})

async function has(program: string): Promise<boolean> {
  return await run(program, ['--version']).then(
    () => true,
    () => false,
  )
}

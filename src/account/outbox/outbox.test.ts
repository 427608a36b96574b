import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { MailError } from '#mail/errors.ts'
import type { MailErrorCode } from '#mail/errors.ts'
import { messageId as idOf } from '#mail/ids.ts'
import { GmailError } from '#gmail/gmail.ts'
import type { Gmail } from '#gmail/gmail.ts'
import { startSimulator } from '#simulator/simulator.ts'
import { Control } from '../testing/control.ts'
import { never, silence } from '../testing/house.ts'
import { likenessDigest } from './likeness.ts'
import { letter, openPostOffice } from './testing/post-office.ts'
import type { PostGround, PostOffice } from './testing/post-office.ts'

const limit = { timeout: 180_000 }

interface Scene extends PostOffice {
  readonly ground: PostGround
  readonly control: Control
  readonly peer: string
  /** How many messages are in the peer's mailbox. */
  readonly delivered: () => Promise<number>
}

async function prepare(t: TestContext): Promise<Omit<Scene, keyof PostOffice>> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-post-'))
  const simulator = await startSimulator({ mail: dir, quotaPerMinute: 0, seed: 'post' })
  t.after(async () => {
    await simulator.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  const control = new Control(simulator.control)
  const peer = simulator.peer.user
  return {
    ground: { dir, gmailUrl: simulator.url, token: simulator.token },
    control,
    peer,
    async delivered() {
      const { accounts } = await control.do<{ accounts: { messages: unknown[] }[] }>('state', {
        account: peer,
      })
      return accounts[0]?.messages.length ?? 0
    },
  }
}

async function scene(t: TestContext, tamper?: (gmail: Gmail) => Gmail): Promise<Scene> {
  const prepared = await prepare(t)
  const office = await openPostOffice(prepared.ground, silence, tamper)
  t.after(() => office.close())
  return { ...prepared, ...office }
}

const forbidden = () => Promise.reject(new GmailError('forbidden', 'no such scope'))

async function refusal(work: Promise<unknown>, code: MailErrorCode): Promise<MailError> {
  const error = await work.then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof MailError, String(error))
  assert.equal(error.code, code)
  return error
}

test(
  'a message is sent once, costs 101 units at most, and asked again it is not sent again',
  limit,
  async (t) => {
    const { outbox, control, delivered } = await scene(t)
    const first = await outbox.submit(letter('once'), never)
    const { units, text } = await control.spent()
    assert.ok(units <= 101, text)
    assert.deepEqual(await outbox.submit(letter('once'), never), first)
    assert.equal((await control.spent()).units, 0)
    assert.equal(await delivered(), 1)
    assert.equal(await outbox.sentCopyOf('<once@client.test>'), first.messageId)
    assert.equal(await outbox.sentCopyOf('<never@client.test>'), undefined)
  },
)

test('other recipients, other octets or a day later: another mail', limit, async (t) => {
  const { outbox, delivered, clock } = await scene(t)
  const a = letter('same', { messageId: '<x@client.test>' })
  await outbox.submit(a, never)
  await outbox.submit(letter('same', { messageId: '<x@client.test>', body: 'Other' }), never)
  await outbox.submit({ ...a, recipients: ['peer@gmail.test', 'bob@example.com'] }, never)
  assert.equal(await delivered(), 3)
  clock.leap(25 * 60 * 60_000)
  await outbox.submit(a, never)
  assert.equal(await delivered(), 4)
})

test('the same one twice at once is one; without a Message-ID it is two', limit, async (t) => {
  const { outbox, delivered } = await scene(t)
  const [one, two] = await Promise.all([
    outbox.submit(letter('twin'), never),
    outbox.submit(letter('twin'), never),
  ])
  assert.deepEqual(one, two)
  assert.equal(await delivered(), 1)
  const nameless = letter('cron', { nameless: true })
  await Promise.all([outbox.submit(nameless, never), outbox.submit(nameless, never)])
  assert.equal(await delivered(), 3)
})

for (const fault of [{ drop: true }, { status: 503 }] as const)
  test(
    `an answer lost after the effect (${JSON.stringify(fault)}) is looked up and found`,
    limit,
    async (t) => {
      const { outbox, control, delivered, clock } = await scene(t)
      await control.do('fault', { method: 'messages.send', when: 'after', ...fault })
      const { messageId } = await outbox.submit(letter('lost'), never)
      assert.match(messageId, /^[0-9a-f]+$/)
      assert.equal(await delivered(), 1)
      assert.deepEqual(clock.slept, [1000])
      assert.deepEqual(await outbox.submit(letter('lost'), never), { messageId })
      assert.equal(await delivered(), 1)
    },
  )

test(
  'an answer lost before the effect ends in 451, and only after two minutes in one mail',
  limit,
  async (t) => {
    const { outbox, control, delivered, clock } = await scene(t)
    await control.do('fault', { method: 'messages.send', when: 'before', drop: true })
    const error = await refusal(outbox.submit(letter('gone'), never), 'unavailable')
    assert.match(error.message, /not known yet/)
    assert.deepEqual(clock.slept, [1000, 2000, 4000, 8000, 15000])
    assert.equal(await delivered(), 0)
    // 30 s later: too early to be sure.
    await refusal(outbox.submit(letter('gone'), never), 'unavailable')
    assert.equal(await delivered(), 0)
    clock.leap(95_000)
    await outbox.submit(letter('gone'), never)
    assert.equal(await delivered(), 1)
  },
)

test('what appears in SENT only after the client was told 451 is found at its next try', limit, async (t) => {
  let hidden = true
  const { outbox, control, delivered } = await scene(t, (gmail) => ({
    ...gmail,
    // Gmail's history is behind.
    history: async (start, token, call) => {
      const page = await gmail.history(start, token, call)
      return hidden ? { ...page, events: [] } : page
    },
  }))
  await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
  await refusal(outbox.submit(letter('late'), never), 'unavailable')
  hidden = false
  const { messageId } = await outbox.submit(letter('late'), never)
  assert.equal(await outbox.sentCopyOf('<late@client.test>'), messageId)
  assert.equal(await delivered(), 1)
})

test('another mail of the same minute is never taken for the lost one', limit, async (t) => {
  const { outbox, control, delivered } = await scene(t)
  await outbox.submit(letter('news', { messageId: '<1@client.test>', body: 'One' }), never)
  await control.do('fault', { method: 'messages.send', when: 'before', drop: true })
  // Same recipients, Subject and Date, other body; the first is taken by its own row.
  await refusal(
    outbox.submit(letter('news', { messageId: '<2@client.test>', body: 'Two' }), never),
    'unavailable',
  )
  assert.equal(await delivered(), 1)
})

test("a client's own copy in Sent is never taken for a mail whose answer was lost", limit, async (t) => {
  const { outbox, control, delivered, sends, clock } = await scene(t)
  const one = letter('mine')
  await control.do('fault', { method: 'messages.send', when: 'before', drop: true })
  await refusal(outbox.submit(one, never), 'unavailable')
  const { id } = await control.do<{ id: string }>('deliver', { text: one.bytes.toString(), labels: ['SENT'] })
  await sends.copies.note({
    messageId: idOf(id),
    messageIdHash: createHash('sha256').update('<mine@client.test>').digest(),
    likeness: likenessDigest(one.bytes),
    flags: Buffer.alloc(32),
    at: clock.now(),
  })
  await refusal(outbox.submit(one, never), 'unavailable')
  clock.leap(95_000)
  const sent = await outbox.submit(one, never)
  assert.equal(await delivered(), 1)
  const [superseded] = await sends.copies.superseded(600_000)
  assert.deepEqual([superseded?.messageId, superseded?.sentAs], [id, sent.messageId])
})

test(
  'a body that Gmail rebuilt is still recognised, but not while another mail is in doubt',
  limit,
  async (t) => {
    let rebuilding = true
    const { outbox, control, delivered } = await scene(t, (gmail) => ({
      ...gmail,
      rawMessage: async (id, call) => {
        const raw = await gmail.rawMessage(id, call)
        return rebuilding ? { ...raw, bytes: Buffer.concat([raw.bytes, Buffer.from('<p>more</p>')]) } : raw
      },
    }))
    await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
    await outbox.submit(letter('html'), never)
    await control.do('fault', { method: 'messages.send', when: 'before', drop: true })
    await refusal(outbox.submit(letter('doubt'), never), 'unavailable')
    await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
    await refusal(
      outbox.submit(letter('html', { messageId: '<other@client.test>', body: 'x' }), never),
      'unavailable',
    )
    rebuilding = false
    await outbox.submit(letter('html', { messageId: '<other@client.test>', body: 'x' }), never)
    assert.equal(await delivered(), 2)
  },
)

test('a copy in SENT without Bcc is recognised all the same', limit, async (t) => {
  const { outbox, control, delivered } = await scene(t, (gmail) => ({
    ...gmail,
    rawMessage: async (id, call) => {
      const raw = await gmail.rawMessage(id, call)
      return {
        ...raw,
        bytes: Buffer.from(raw.bytes.toString('latin1').replace(/^Bcc: .*\r\n/m, ''), 'latin1'),
      }
    },
  }))
  await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
  const one = letter('secret')
  const bytes = Buffer.concat([Buffer.from('Bcc: bob@example.com\r\n'), one.bytes])
  await outbox.submit({ ...one, bytes, recipients: ['bob@example.com', 'peer@gmail.test'] }, never)
  assert.equal(await delivered(), 1)
})

test(
  'a grant for sending alone sends as the account, and a lost answer is never a permanent no',
  limit,
  async (t) => {
    const { outbox, control, delivered, clock } = await scene(t, (gmail) => ({
      ...gmail,
      sendAs: forbidden,
      profile: forbidden,
      history: forbidden,
      listMessages: forbidden,
    }))
    assert.deepEqual(
      (await outbox.senders(never)).map(({ address }) => address),
      ['demo@gmail.test'],
    )
    await outbox.submit(letter('alone'), never)
    await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
    await refusal(outbox.submit(letter('lost'), never), 'unavailable')
    clock.leap(300_000)
    await refusal(outbox.submit(letter('lost'), never), 'unavailable')
    assert.equal(await delivered(), 2)
  },
)

test('where Gmail has forgotten the history, the newest in SENT are looked at', limit, async (t) => {
  const { outbox, control, delivered } = await scene(t, (gmail) => ({
    ...gmail,
    profile: async (call) => ({ ...(await gmail.profile(call)), historyId: 1n }),
  }))
  await control.do('expireHistory')
  await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
  await outbox.submit(letter('expired'), never)
  assert.equal(await delivered(), 1)
})

test(
  'where Gmail has forgotten the history, one that many others followed is still found',
  limit,
  async (t) => {
    let isAway = true
    const { outbox, control, delivered, clock } = await scene(t, (gmail) => ({
      ...gmail,
      profile: async (call) => ({ ...(await gmail.profile(call)), historyId: 1n }),
      listMessages: (query, call) => (isAway ? forbidden() : gmail.listMessages(query, call)),
    }))
    await control.do('expireHistory')
    await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
    await refusal(outbox.submit(letter('buried'), never), 'unavailable')
    isAway = false
    for (let n = 0; n < 60; n++) await outbox.submit(letter(`later ${n}`), never)
    clock.leap(300_000)
    await outbox.submit(letter('buried'), never)
    assert.equal(await delivered(), 61)
  },
)

test(
  'what may only send asks Gmail for nothing else, and never sends twice what it cannot look up',
  limit,
  async (t) => {
    const { ground, control, delivered } = await prepare(t)
    const asked: string[] = []
    const office = await openPostOffice(
      ground,
      silence,
      (gmail) => ({
        ...gmail,
        ...Object.fromEntries(
          (['sendAs', 'profile', 'history', 'listMessages'] as const).map((name) => [
            name,
            () => {
              asked.push(name)
              return forbidden()
            },
          ]),
        ),
      }),
      () => false,
    )
    t.after(() => office.close())
    const { outbox } = office
    const [sender] = await outbox.senders(never)
    assert.equal(sender?.address, 'demo@gmail.test')
    await outbox.submit(letter('one'), never)
    await control.do('fault', { method: 'messages.send', when: 'after', drop: true })
    const told = await refusal(outbox.submit(letter('doubt'), never), 'cannot')
    assert.match(told.message, /Look into Sent in Gmail/)
    office.clock.leap(3_600_000)
    await refusal(outbox.submit(letter('doubt'), never), 'cannot')
    assert.equal(await delivered(), 2)
    assert.deepEqual(asked, [])
  },
)

test('a refusal of Gmail is not sent and not in doubt', limit, async (t) => {
  const { outbox, control, delivered, clock } = await scene(t)
  for (const [fault, code, words] of [
    [
      { status: 400, reason: 'invalidArgument', message: 'Recipient address required' },
      'cannot',
      /no recipient/,
    ],
    [{ status: 400, reason: 'failedPrecondition' }, 'cannot', /not switched on/],
    [{ status: 413, message: 'Request too large' }, 'too-big', /larger/],
    [{ status: 403, reason: 'insufficientPermissions' }, 'not-permitted', /without the right to send/],
  ] as const) {
    await control.do('fault', { method: 'messages.send', ...fault })
    const error = await refusal(outbox.submit(letter(String(words)), never), code)
    assert.match(error.message, words)
  }
  assert.deepEqual(clock.slept, [])
  assert.equal(await delivered(), 0)
  await outbox.submit(letter(String(/larger/)), never)
  assert.equal(await delivered(), 1)
})

test("Gmail's sending limit is named at once and does not hold back other calls", limit, async (t) => {
  const { outbox, control } = await scene(t)
  const message = `User-rate limit exceeded.  Retry after ${new Date(Date.now() + 900_000).toISOString()} (Mail sending)`
  await control.do('fault', { method: 'messages.send', status: 429, message })
  const error = await refusal(outbox.submit(letter('many'), never), 'over-quota')
  assert.match(error.message, /sending limit.*500.*2000.*Try again in 15 minutes/)
  await outbox.submit(letter('many'), never)
})

test(
  'the senders are the account and its verified aliases, remembered while Gmail is away',
  limit,
  async (t) => {
    const { outbox, control, clock } = await scene(t)
    await control.do('addAlias', { address: 'ada@other.test', verified: true })
    await control.do('addAlias', { address: 'eve@other.test', verified: false })
    const addresses = async () => (await outbox.senders(never)).map(({ address }) => address)
    assert.deepEqual(await addresses(), ['demo@gmail.test', 'ada@other.test'])
    await control.do('reset')
    assert.deepEqual(await addresses(), ['demo@gmail.test', 'ada@other.test'])
    assert.equal((await control.spent()).units, 0)
    clock.leap(11 * 60_000)
    await control.do('fault', { method: '*', status: 403, reason: 'domainPolicy' })
    assert.deepEqual(await addresses(), ['demo@gmail.test', 'ada@other.test'])
  },
)

for (const when of ['before', 'after'] as const)
  test(`killed ${when} Gmail took the message, the next life sends it once`, limit, async (t) => {
    const prepared = await prepare(t)
    const victim = join(import.meta.dirname, 'testing/victim.ts')
    const child = spawn(process.execPath, [victim, JSON.stringify(prepared.ground), when], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const office = await openPostOffice(prepared.ground, silence)
    t.after(() => office.close())
    const { outbox, clock } = office
    if (when === 'before') {
      await refusal(outbox.submit(letter('killed'), never), 'unavailable')
      assert.equal(await prepared.delivered(), 0)
      clock.leap(121_000)
    }
    const { messageId } = await outbox.submit(letter('killed'), never)
    assert.deepEqual(await outbox.submit(letter('killed'), never), { messageId })
    assert.equal(await prepared.delivered(), 1)
  })

test('whatever answers are lost, each mail arrives once', { timeout: 180_000 }, async (t) => {
  const { outbox, control, delivered, clock } = await scene(t)
  // A fixed pattern of good answers, losses before and after the effect, in all orders of three.
  const ways = [undefined, 'before', 'after'] as const
  let sent = 0
  for (const first of ways)
    for (const second of ways)
      for (const third of ways) {
        const one = letter(`mail-${sent++}`)
        for (const when of [first, second, third]) {
          await control.do('clearFaults')
          if (when !== undefined) await control.do('fault', { method: 'messages.send', when, drop: true })
          await outbox.submit(one, never).catch(() => {})
          clock.leap(121_000)
        }
        await control.do('clearFaults')
        await outbox.submit(one, never)
      }
  assert.equal(await delivered(), sent)
})

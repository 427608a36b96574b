import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openHouse, prepareGround, silence } from '#account/testing/house.ts'
import type { House, TestGround } from '#account/testing/house.ts'
import { canonicalLineEnds } from '#mail/mime/line-ends.ts'
import { systemClock } from '#mail/surroundings.ts'
import { loadCertificate } from '#wire/certificate.ts'
import { createPop3Server } from './server.ts'
import type { Pop3ServerOptions } from './server.ts'
import { PopClient } from './testing/pop-client.ts'

/** POP3 over the real account, the real store, the real Gmail client and the simulator. */

const limit = { timeout: 180_000 }
const fixtures = join(import.meta.dirname, '../../test/fixtures/messages')
const user = 'demo@gmail.test'

interface Door {
  inside(name?: string): Promise<PopClient>
}

async function openDoor(
  t: TestContext,
  ground: TestGround,
  { account }: House,
  options: Partial<Pop3ServerOptions> = {},
): Promise<Door> {
  const { mailstore, maildrop } = account
  const rights = { readOnly: false, mailboxes: undefined }
  const admission = { address: user, passwordName: 'test', rights, mailstore }
  const server = createPop3Server({
    doorman: { password: async () => admission, bearer: async () => admission },
    keeperOf: () => maildrop,
    certificate: await loadCertificate({ dataDir: ground.dir, clock: systemClock, log: silence }),
    clock: systemClock,
    log: silence,
    listeners: { host: '127.0.0.1', pop3Port: 0 },
    plainLoginAllowed: false,
    ...options,
  })
  const { pop3 } = await server.listen()
  assert.ok(pop3)
  t.after(() => server.close())
  return {
    async inside(name = user) {
      const client = await PopClient.connect(pop3, false)
      t.after(() => client[Symbol.dispose]())
      await client.logIn(name, 'any')
      return client
    },
  }
}

async function live(ground: TestGround, options: Parameters<typeof openHouse>[1] = {}): Promise<House> {
  const house = await openHouse(ground, { pollSeconds: 3600, ...options })
  await house.until(({ phase }) => phase === 'live')
  return house
}

test(
  'every fixture comes through Gmail and POP3 octet for octet, in the size that LIST says',
  limit,
  async (t) => {
    const ground = await prepareGround(t, { mail: fixtures })
    const house = await live(ground, { prefetch: 'all' })
    const names = readdirSync(fixtures)
      .filter((name) => name.endsWith('.eml'))
      .sort()
    await house.until(({ hydrated }) => hydrated === names.length)
    const client = await (await openDoor(t, ground, house)).inside()
    const sizes = (await client.lines('LIST')).map((line) => Number(line.split(' ')[1]))
    assert.equal(sizes.length, names.length)
    for (const [index, name] of names.entries()) {
      const bytes = canonicalLineEnds(readFileSync(join(fixtures, name))).toString('latin1')
      assert.equal(sizes[index], bytes.length, name)
      const shown = bytes === '' || bytes.endsWith('\r\n') ? bytes : `${bytes}\r\n`
      assert.equal(await client.text(`RETR ${index + 1}`), shown, name)
      assert.equal(await client.text(`TOP ${index + 1} 99999999`), shown, name)
    }
  },
)

test('a session with nothing new costs at most 2 units', limit, async (t) => {
  const ground = await prepareGround(t)
  for (let n = 0; n < 30; n++) await ground.control.deliver(`m${n}`)
  const house = await live(ground, { prefetch: 'all' })
  await house.until(({ hydrated }) => hydrated === 30)
  const door = await openDoor(t, ground, house)
  const first = await door.inside()
  for (let n = 1; n <= 30; n++) await first.text(`RETR ${n}`)
  await first.ask('QUIT')
  await ground.control.spent()
  const second = await door.inside()
  assert.deepEqual(await second.lines('UIDL'), [])
  await second.ask('QUIT')
  const spent = await ground.control.spent()
  assert.ok(spent.units <= 2, spent.text)
})

test('unique ids are those of Gmail, the same in a label and after a restart', limit, async (t) => {
  const ground = await prepareGround(t)
  const ids: string[] = []
  for (let n = 0; n < 5; n++)
    ids.push(await ground.control.deliver(`m${n}`, { labels: ['INBOX', 'UNREAD', 'Work/Now'] }))
  const wanted = ids.map((id, index) => `${index + 1} GmailId${id}`)
  const house = await live(ground)
  const door = await openDoor(t, ground, house)
  assert.deepEqual(await (await door.inside()).lines('UIDL'), wanted)
  assert.deepEqual(await (await door.inside(`${user}/Work/Now`)).lines('UIDL'), wanted)
  await house.close()
  const again = await openDoor(t, ground, await live(ground))
  assert.deepEqual(await (await again.inside()).lines('UIDL'), wanted)
})

test(
  'a big mailbox is worked off batch by batch, each read ahead while the one before is fetched',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    for (let n = 0; n < 100; n++) await ground.control.deliver(`m${n}`)
    const house = await live(ground)
    const door = await openDoor(t, ground, house, { batch: 40 })
    const seen: string[] = []
    for (const [visit, hydrated] of [
      [20, 80],
      [40, 100],
      [40, 100],
      [0, 100],
    ] as const) {
      const client = await door.inside()
      const lines = await client.lines('UIDL')
      assert.equal(lines.length, visit)
      for (const line of lines) {
        const text = await client.text(`RETR ${line.split(' ')[0]}`)
        seen.push(/^Subject: (.*)\r$/m.exec(text)?.[1] ?? '')
      }
      assert.match(await client.ask('QUIT'), /^\+OK/)
      await house.until((state) => state.hydrated >= hydrated)
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, n) => `m${n}`),
    )
    assert.equal((await ground.control.spent()).calls('messages.get'), 100)
  },
)

test(
  'DELE acts at QUIT in one call; when its answer is lost nothing else is, and the message does not come back',
  limit,
  async (t) => {
    const ground = await prepareGround(t)
    for (let n = 0; n < 12; n++) await ground.control.deliver(`m${n}`)
    const house = await live(ground, { popDisposition: 'trash' })
    const door = await openDoor(t, ground, house)
    const client = await door.inside()
    await ground.control.spent()
    for (let n = 1; n <= 11; n++) await client.ask(`DELE ${n}`)
    assert.equal((await ground.control.spent()).units, 0)
    await ground.control.do('fault', { method: 'messages.batchModify', drop: true, when: 'after' })
    assert.match(await client.ask('QUIT'), /^\+OK/)
    const next = await door.inside()
    const left = await next.lines('UIDL')
    assert.equal(left.length, 1)
    const state = await ground.control.do<{ accounts: { messages: { labelIds: string[] }[] }[] }>('state')
    const inTrash = state.accounts[0]?.messages.filter(({ labelIds }) => labelIds.includes('TRASH'))
    assert.equal(inTrash?.length, 11)
  },
)

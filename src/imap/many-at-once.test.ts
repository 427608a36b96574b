import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ClientModel } from './testing/client-model.ts'
import { openHouse, password, threeMessages, user, type House } from './testing/house.ts'
import { RawClient } from './testing/raw-client.ts'

const mail = 'Subject: new\r\n\r\nHello\r\n'

/** What a client does next; numbers are fractions of what it knows at that time. */
const deed = fc.oneof(
  fc.record({ do: fc.constant('NOOP' as const) }),
  fc.record({ do: fc.constant('EXPUNGE' as const) }),
  fc.record({ do: fc.constant('APPEND' as const) }),
  fc.record({ do: fc.constant('FETCH' as const) }),
  fc.record({
    do: fc.constantFrom('STORE', 'UID STORE', 'COPY', 'MOVE', 'SEARCH'),
    at: fc.double({ min: 0, max: 0.99, noNaN: true }),
    flag: fc.constantFrom(String.raw`\Deleted`, String.raw`\Seen`, 'Later'),
  }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

/** A session, and what its client believes. */
class Actor {
  readonly #client: RawClient
  readonly #model: ClientModel
  #tag = 0

  private constructor(client: RawClient, model: ClientModel) {
    this.#client = client
    this.#model = model
  }

  static async enter(house: House, enabling: string): Promise<Actor> {
    const client = await RawClient.connect({ host: house.host, port: house.imapPort })
    await client.until(/^\* OK .*\r\n/)
    await client.command('l', `LOGIN ${user} "${password}"`)
    await client.command('e', enabling)
    const told = await client.command('s', 'SELECT INBOX')
    const count = Number(/^\* (\d+) EXISTS/m.exec(told)?.[1])
    const fetched = count === 0 ? '' : await client.command('f', 'FETCH 1:* (UID)')
    const uids = [...fetched.matchAll(/UID (\d+)/g)].map(([, uid]) => Number(uid))
    return new Actor(client, new ClientModel(uids))
  }

  async act(doing: Deed): Promise<void> {
    const { count } = this.#model
    if (!('at' in doing)) {
      if (doing.do === 'APPEND') return this.say(`APPEND INBOX {${mail.length}+}\r\n${mail}`)
      return doing.do === 'FETCH' ? this.say('FETCH 1:* (UID FLAGS)', count > 0) : this.say(doing.do)
    }
    if (count === 0) return
    const number = 1 + Math.floor(doing.at * count)
    switch (doing.do) {
      case 'STORE':
        return this.say(`STORE ${number} +FLAGS (${doing.flag})`, true)
      case 'UID STORE':
        return this.say(`UID STORE ${number}:${number + 3} FLAGS.SILENT (${doing.flag})`)
      case 'SEARCH':
        return this.say('SEARCH UNSEEN', true)
      case 'COPY':
      case 'MOVE':
        return this.say(`${doing.do} ${number}:* Work`)
    }
  }

  /** Sends a command and hears all that comes up to its end. */
  async say(text: string, holdsExpunges = false): Promise<void> {
    const tag = `t${++this.#tag}`
    const lines = (await this.#client.command(tag, text)).split('\r\n').slice(0, -1)
    const end = lines.pop() ?? ''
    assert.match(end, new RegExp(`^${tag} (OK|NO \\[EXPUNGEISSUED\\])`), `${text}: ${end}`)
    for (const line of lines) this.#model.hear(line, holdsExpunges)
  }

  /** What it believes agrees with what is. */
  async agrees(house: House, uids: readonly number[]): Promise<void> {
    await this.say('NOOP')
    if (this.#model.count > 0) await this.say('FETCH 1:* (UID FLAGS)', true)
    assert.deepEqual(
      this.#model.known().map(({ uid }) => uid),
      uids,
    )
    for (const { uid, flags } of this.#model.known())
      assert.equal(flags, house.mailstore.flagsOf('INBOX', uid ?? 0))
  }

  leave(): void {
    this.#client[Symbol.dispose]()
  }
}

test('numbers hold whatever several clients do at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(deed, { maxLength: 12 }), { minLength: 2, maxLength: 4 }),
      async (scripts) => {
        await using house = await openHouse({
          mailboxes: [
            {
              name: 'INBOX',
              role: 'inbox',
              messages: [...threeMessages, ...threeMessages, ...threeMessages],
            },
            { name: 'Work' },
          ],
        })
        const enablings = ['ENABLE CONDSTORE', 'ENABLE QRESYNC', 'NOOP', 'NOOP']
        const actors = await Promise.all(scripts.map((_, i) => Actor.enter(house, enablings[i] ?? 'NOOP')))
        try {
          await Promise.all(
            scripts.map(async (script, i) => {
              for (const one of script) await actors[i]?.act(one)
            }),
          )
          const uids = house.mailstore.uidsOf('INBOX')
          for (const actor of actors) await actor.agrees(house, uids)
        } finally {
          for (const actor of actors) actor.leave()
        }
      },
    ),
    { numRuns: 150 },
  )
})

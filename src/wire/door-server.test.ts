import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { accountId } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { systemClock } from '#mail/surroundings.ts'
import { connectionLimits } from './connection-book.ts'
import type { ConnectionLimits } from './connection-book.ts'
import { DoorServer } from './door-server.ts'
import type { Caller, DoorSession } from './door-server.ts'
import { isRefusal } from './gatekeeper.ts'
import { KeptLog } from './testing/kept-log.ts'
import { testCertificate } from './testing/test-certificate.ts'
import { TestDoorman } from './testing/test-doorman.ts'
import type { DoorEvent } from './visit.ts'

const address = 'ada@door.test'

/** A protocol of its own: `hello PASSWORD` logs in, `wait` works until it is let go, `bye` leaves, anything else comes back. */
class EchoSession implements DoorSession {
  readonly mailbox = 'Echoes'
  readonly #caller: Caller
  #release: ((how: string) => void) | undefined

  constructor(caller: Caller) {
    this.#caller = caller
  }

  abort(): void {
    this.#release?.('stopped')
  }

  async run(): Promise<void> {
    const { connection, visit } = this.#caller
    visit.program = 'Echo 1.0'
    for (;;) {
      const line = (await connection.incoming.line(1000))?.toString('latin1')
      if (line === undefined) break
      const [word = '', ...rest] = line.split(' ')
      visit.begin(word.toUpperCase())
      const answer = await this.#answer(word, rest.join(' '))
      connection.write(`${answer}\r\n`)?.catch(() => {})
      connection.flush()
      visit.finish(answer === 'no' ? 'NO' : 'OK', { toJSON: () => line })
      if (word === 'bye') return visit.ends('left')
    }
    if (connection.interruption !== undefined)
      connection.write(`end ${connection.interruption}\r\n`)?.catch(() => {})
  }

  async #answer(word: string, text: string): Promise<string> {
    const { connection, visit, gatekeeper } = this.#caller
    if (word === 'wait') {
      connection.write('waiting\r\n')?.catch(() => {})
      connection.flush()
      return new Promise((resolve) => {
        this.#release = resolve
        connection.closed.addEventListener('abort', () => resolve('nobody is there'))
      })
    }
    if (word !== 'hello') return text
    const verdict = await gatekeeper.check(
      { kind: 'password', user: address, password: text },
      connection.remoteAddress,
      connection.closed,
    )
    if (isRefusal(verdict)) return 'no'
    visit.admit(verdict)
    return 'welcome'
  }
}

async function open(limits: Partial<ConnectionLimits> = {}) {
  const log = new KeptLog()
  const events: DoorEvent[] = []
  const admission = {
    account: accountId(7),
    address,
    passwordName: 'laptop',
    rights: { readOnly: false, mailboxes: undefined },
    mailstore: {} as Mailstore,
  }
  const server = new DoorServer({
    door: 'imap',
    doorman: new TestDoorman({ user: address, password: 'sesame' }, admission),
    certificate: await testCertificate(),
    clock: systemClock,
    log,
    plainLoginAllowed: true,
    host: '127.0.0.1',
    listeners: { echo: { port: 0, tls: 'none' }, none: { port: undefined, tls: 'implicit' } },
    limits: { ...connectionLimits, ...limits },
    refusal: 'full\r\n',
    receive: (caller) => new EchoSession(caller),
    onEvent: (event) => events.push(event),
  })
  const { echo, none } = await server.listen()
  assert.equal(none, undefined)
  assert.ok(echo)
  return { server, log, events, echo, [Symbol.asyncDispose]: () => server.close() }
}

type Opened = Awaited<ReturnType<typeof open>>

class Client implements Disposable {
  readonly socket: Socket
  readonly #lines: AsyncIterator<string>

  constructor({ echo }: Opened) {
    this.socket = connect(echo).setEncoding('latin1')
    this.#lines = lines(this.socket)
  }

  async ask(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.next()
  }

  /** The next line; empty when there is none. */
  async next(): Promise<string> {
    const { done, value } = await this.#lines.next()
    return done === true ? '' : value
  }

  [Symbol.dispose](): void {
    this.socket.resetAndDestroy()
  }
}

async function* lines(socket: Socket): AsyncGenerator<string, void> {
  let text = ''
  socket.on('error', () => {})
  for await (const chunk of socket as AsyncIterable<string>) {
    const parts = (text + chunk).split('\r\n')
    text = parts.pop() ?? ''
    yield* parts
  }
}

/** Until the server has noticed. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

test('who is connected: account, password, program, what it does, how much', async () => {
  await using house = await open()
  using client = new Client(house)
  await client.ask('say hi')
  const [stranger] = house.server.sessions()
  assert.equal(stranger?.address, undefined)
  assert.equal(stranger?.lastCommand, 'SAY')
  await client.ask('hello sesame')
  const before = house.server.sessions()[0]
  assert.equal(await client.ask('wait'), 'waiting')
  const [known, ...others] = house.server.sessions()
  assert.deepEqual(others, [])
  assert.ok(known && before && known.since <= Date.now() && known.since > Date.now() - 60_000)
  const { since: _, id, ...shown } = known
  assert.deepEqual(shown, {
    door: 'imap',
    secure: false,
    address,
    passwordName: 'laptop',
    remoteAddress: '127.0.0.1',
    program: 'Echo 1.0',
    doing: 'WAIT',
    lastCommand: 'WAIT',
    mailbox: 'Echoes',
    bytesIn: 'say hi\r\nhello sesame\r\nwait\r\n'.length,
    bytesOut: 'hi\r\nwelcome\r\nwaiting\r\n'.length,
  })
  assert.equal(before.doing, 'waiting')
  assert.ok(house.log.told('session opened').every(({ fields }) => fields['session'] === id))
})

test('a session is one line when it opens and one when it closes, a command one at debug', async () => {
  await using house = await open()
  using client = new Client(house)
  await client.ask('hello wrong')
  await client.ask('hello sesame')
  await client.ask('bye')
  assert.equal(await client.next(), '')
  await until(() => house.server.sessions().length === 0)
  const informing = house.log.entries.filter(({ level }) => level !== 'debug')
  assert.deepEqual(
    informing.map(({ message }) => message),
    ['session opened', 'session closed'],
  )
  const { session, seconds, ...closed } = informing[1]?.fields ?? {}
  assert.equal(session, informing[0]?.fields['session'])
  assert.equal(typeof seconds, 'number')
  assert.deepEqual(closed, {
    door: 'imap',
    account: 7,
    passwordName: 'laptop',
    remoteAddress: '127.0.0.1',
    secure: false,
    program: 'Echo 1.0',
    how: 'left',
    commands: 3,
    bytesIn: 'hello wrong\r\nhello sesame\r\nbye\r\n'.length,
    bytesOut: 'no\r\nwelcome\r\n\r\n'.length,
  })
  const commands = house.log.told('command')
  assert.deepEqual(
    commands.map(({ level, fields }) => [level, fields['command'], fields['result']]),
    [
      ['debug', 'HELLO', 'NO'],
      ['debug', 'HELLO', 'OK'],
      ['debug', 'BYE', 'OK'],
    ],
  )
  assert.deepEqual(
    house.events.map((event) => event.kind),
    ['opened', 'command', 'command', 'command', 'closed'],
  )
})

for (const [how, act] of [
  ['gone', async (client) => void client.socket.resetAndDestroy()],
  ['gone', async (client) => void client.socket.end('half a li')],
  [
    'revoked',
    async (client, { server }) => {
      server.endSessions(address)
      assert.equal(await client.next(), 'end revoked')
      assert.equal(await client.next(), '')
    },
  ],
] as [string, (client: Client, house: Opened) => Promise<void>][])
  test(`the log says how it ended: ${how}`, async () => {
    await using house = await open()
    using client = new Client(house)
    await client.ask('hello sesame')
    await act(client, house)
    await until(() => house.server.sessions().length === 0)
    assert.equal(house.log.told('session closed')[0]?.fields['how'], how)
  })

test('a client that was reset while it was greeted, and one for whom there is no room, leave nothing behind', async () => {
  await using house = await open({ total: 1 })
  const early = connect(house.echo)
  early.on('error', () => {})
  await once(early, 'connect')
  early.resetAndDestroy()
  using client = new Client(house)
  assert.equal(await client.ask('hello sesame'), 'welcome')
  using second = new Client(house)
  assert.equal(await second.next(), 'full')
  await until(() => house.server.sessions().length === 1)
  assert.equal(house.log.told('session opened').length, 1)
})

test('an octet now and then does not prolong the time to log in', async () => {
  await using house = await open({ loginMs: 150 })
  using client = new Client(house)
  const drip = setInterval(() => client.socket.write('h'), 10)
  assert.equal(await client.next(), 'end login-timeout')
  clearInterval(drip)
})

test('close() tells who waits at once, and stops who works when its patience is over', async (t) => {
  const house = await open()
  using idle = new Client(house)
  using busy = new Client(house)
  await idle.ask('hello sesame')
  await busy.ask('hello sesame')
  assert.equal(await busy.ask('wait'), 'waiting')
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closed = house.server.close()
  assert.equal(await idle.next(), 'end stopping')
  t.mock.timers.tick(4_999)
  assert.equal(
    house.server.sessions().some(({ doing }) => doing === 'WAIT'),
    true,
  )
  t.mock.timers.tick(1)
  assert.equal(await busy.next(), 'stopped')
  assert.equal(await busy.next(), 'end stopping')
  await closed
  assert.deepEqual(house.server.sessions(), [])
  const refused = connect(house.echo)
  await assert.rejects(once(refused, 'connect'), { code: 'ECONNREFUSED' })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib'
import { ImapFlow } from 'imapflow'
import { openHouse, password, user } from './testing/house.ts'
import type { House } from './testing/house.ts'

/** A client that speaks deflate both ways from its COMPRESS on. */
class DeflatedClient implements Disposable {
  readonly socket: Socket
  readonly #deflate = createDeflateRaw()
  readonly #inflate = createInflateRaw()
  #text = ''
  #ended = false
  #wake = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    this.#deflate.on('data', (octets: Buffer) => socket.write(octets))
    this.#inflate.on('data', (octets: Buffer) => {
      this.#text += octets.toString('latin1')
      this.#wake()
    })
    socket.on('error', () => {})
  }

  /** Logged in and compressed; `early` is sent compressed right behind the command, before its answer. */
  static async open(house: House, early = ''): Promise<DeflatedClient> {
    const socket = connect({ host: house.host, port: house.imapPort })
    const client = new DeflatedClient(socket)
    socket.write(`l LOGIN ${user} "${password}"\r\n`)
    let plain = ''
    while (!plain.includes('l OK')) plain += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1')
    assert.match(plain, /COMPRESS=DEFLATE/)
    socket.write('c COMPRESS DEFLATE\r\n')
    if (early !== '') client.send(early)
    const answer = 'c OK Compression begins now\r\n'
    let octets = Buffer.alloc(0)
    while (octets.length < answer.length)
      octets = Buffer.concat([octets, ((await once(socket, 'data')) as [Buffer])[0]])
    assert.equal(octets.toString('latin1', 0, answer.length), answer)
    client.#inflate.write(octets.subarray(answer.length))
    socket.on('data', (chunk: Buffer) => client.#inflate.write(chunk))
    socket.on('close', () => {
      client.#ended = true
      client.#inflate.flush(() => client.#wake())
    })
    return client
  }

  send(text: string): void {
    this.#deflate.write(Buffer.from(text, 'latin1'))
    this.#deflate.flush(constants.Z_SYNC_FLUSH)
  }

  /** Everything up to the end of this text. */
  async until(end: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(end)
      if (at !== -1) {
        const taken = this.#text.slice(0, at + end.length)
        this.#text = this.#text.slice(at + end.length)
        return taken
      }
      if (this.#ended) throw new Error(`The server ended before ${end}; it said ${this.#text.slice(0, 200)}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Resolves when the server has ended. */
  async ended(): Promise<string> {
    while (!this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#text
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

test('after COMPRESS both directions are deflated, and every answer arrives whole', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.send('a SELECT INBOX\r\nb UID FETCH 1:* BODY.PEEK[]\r\n')
  const answer = await client.until('b OK UID FETCH completed\r\n')
  assert.match(answer, /a OK \[READ-WRITE\]/)
  assert.match(answer, /Hello, third\./)
})

test('what was sent compressed before the answer to COMPRESS counts', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house, 'a NOOP\r\n')
  await client.until('a OK NOOP completed\r\n')
})

test('literals, IDLE and its DONE go through', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.send('a SELECT {5}\r\n')
  await client.until('+ OK\r\n')
  client.send('INBOX\r\nb IDLE\r\n')
  await client.until('+ idling\r\n')
  house.mailstore.deliver('INBOX', { bytes: 'Subject: four\r\n\r\n' })
  await client.until('* 4 EXISTS\r\n')
  client.send('DONE\r\nc NOOP\r\n')
  await client.until('c OK NOOP completed\r\n')
})

test('compression begins once, and nobody else can use the connection then', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.send('a COMPRESS DEFLATE\r\n')
  await client.until('a NO [COMPRESSIONACTIVE] Compression is active already\r\n')
  client.send('b UNAUTHENTICATE\r\n')
  await client.until('b BAD ')
  client.send('c CAPABILITY\r\n')
  assert.doesNotMatch(await client.until('c OK'), /UNAUTHENTICATE/)
})

test('LOGOUT says BYE and ends the deflated stream', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.send('a LOGOUT\r\n')
  await client.until('* BYE Until next time\r\na OK LOGOUT completed\r\n')
  assert.equal(await client.ended(), '')
})

test('octets that cannot be inflated end the connection', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.socket.write(Buffer.alloc(100, 0xff))
  await client.ended()
  while (house.server.sessions().length > 0) await new Promise(setImmediate)
})

test('a line that inflates without end is cut off at its limit', async () => {
  await using house = await openHouse()
  using client = await DeflatedClient.open(house)
  client.socket.write(
    deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 'x'), { finishFlush: constants.Z_SYNC_FLUSH }),
  )
  assert.equal(await client.ended(), '* BYE [TOOBIG] The line is too long\r\n')
})

test('a large message arrives as it is, also when the client reads late', async () => {
  const text = Array.from(
    { length: 60_000 },
    (_, i) => `${i} ${((i * 2_654_435_761) % 4_294_967_296).toString(36)}`,
  )
  const bytes = `Subject: large\r\n\r\n${text.join('\r\n').repeat(4)}\r\n`
  await using house = await openHouse({ mailboxes: [{ name: 'INBOX', messages: [{ bytes }] }] })
  using client = await DeflatedClient.open(house)
  client.send('a SELECT INBOX\r\n')
  await client.until('a OK')
  client.socket.pause()
  client.send('b FETCH 1 BODY.PEEK[]\r\nc NOOP\r\n')
  await new Promise(setImmediate)
  client.socket.resume()
  const answer = await client.until('b OK FETCH completed\r\n')
  assert.ok(answer.includes(`{${bytes.length}}\r\n${bytes})\r\n`))
})

test('imapflow compresses of its own accord and reads a mailbox', async () => {
  await using house = await openHouse()
  const client = new ImapFlow({
    host: house.host,
    port: house.imapsPort,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX')
  const subjects = []
  for await (const { envelope } of client.fetch('1:*', { envelope: true })) subjects.push(envelope?.subject)
  assert.deepEqual(subjects, ['The first', 'The second', 'The third'])
  assert.ok(house.logged.some((line) => line.includes('COMPRESS DEFLATE')))
  await client.logout()
})

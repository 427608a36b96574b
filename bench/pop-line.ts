import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

interface Pending {
  readonly multi: boolean
  resolve(answer: PopAnswer): void
  reject(reason: Error): void
}

/** What came back for one command. */
export interface PopAnswer {
  readonly first: string
  /** Octets after the first line, the last dot included. */
  readonly bytes: number
}

const endOfText = Buffer.from('\r\n.\r\n')

/** A POP3 client that does as little as possible: it looks for the ends of answers and counts octets. */
export class PopLine {
  readonly #socket: Socket
  readonly #pending: Pending[] = []
  #held: Buffer = Buffer.alloc(0)
  /** The first line of the answer that is being read, once it is there. */
  #first: string | undefined
  #bytes = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('close', () => {
      for (const pending of this.#pending.splice(0)) pending.reject(new Error('The server ended'))
    })
  }

  static async connect(address: { host: string; port: number }, secure = false): Promise<PopLine> {
    const socket = secure
      ? connectTls({ ...address, rejectUnauthorized: false })
      : connect({ ...address, noDelay: true })
    const line = new PopLine(socket)
    await line.#answer(false)
    return line
  }

  /** One command with an answer of one line. Throws when that is negative. */
  ask(command: string): Promise<PopAnswer> {
    this.#socket.write(`${command}\r\n`)
    return this.#answer(false)
  }

  /** One command with a text as its answer. */
  text(command: string): Promise<PopAnswer> {
    this.#socket.write(`${command}\r\n`)
    return this.#answer(true)
  }

  /** Many commands with a text each, at most `inFlight` of them unanswered; gives the octets of all. */
  async texts(commands: readonly string[], inFlight: number): Promise<number> {
    let bytes = 0
    let next = 0
    const more = (count: number): void => {
      const some = commands.slice(next, next + count)
      next += some.length
      if (some.length > 0) this.#socket.write(some.map((command) => `${command}\r\n`).join(''))
    }
    more(inFlight)
    for (let done = 0; done < commands.length; done++) {
      bytes += (await this.#answer(true)).bytes
      // In bunches, as clients do.
      if ((done + 1) % Math.ceil(inFlight / 2) === 0) more(Math.ceil(inFlight / 2))
    }
    return bytes
  }

  async logIn({ user, password }: { user: string; password: string }): Promise<void> {
    await this.ask(`USER ${user}`)
    await this.ask(`PASS ${password}`)
  }

  async quit(): Promise<void> {
    await this.ask('QUIT')
    this.#socket.destroy()
  }

  /** Leaves without QUIT. */
  async close(): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }

  async #answer(multi: boolean): Promise<PopAnswer> {
    const answer = new Promise<PopAnswer>((resolve, reject) => {
      this.#pending.push({ multi, resolve, reject })
    })
    // Something may be here already that nobody had asked for when it came.
    if (this.#held.length > 0) this.#read(Buffer.alloc(0))
    const given = await answer
    if (!given.first.startsWith('+OK')) throw new Error(given.first)
    return given
  }

  #read(chunk: Buffer): void {
    let octets = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    for (;;) {
      const [pending] = this.#pending
      if (pending === undefined) break
      if (this.#first === undefined) {
        const end = octets.indexOf('\r\n')
        if (end === -1) break
        this.#first = octets.toString('latin1', 0, end)
        // The line end stays: a text may be a dot alone.
        octets = octets.subarray(end)
      }
      const single = !pending.multi || !this.#first.startsWith('+OK')
      const end = single ? 0 : octets.indexOf(endOfText)
      if (end === -1) {
        const rest = Math.max(0, octets.length - endOfText.length + 1)
        this.#bytes += rest
        octets = octets.subarray(rest)
        break
      }
      const length = single ? 2 : end + endOfText.length
      this.#pending.shift()
      pending.resolve({ first: this.#first, bytes: this.#bytes + length - 2 })
      this.#first = undefined
      this.#bytes = 0
      octets = octets.subarray(length)
    }
    this.#held = octets
  }
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

/** Two hundred accounts are listed for the first time when the first of them is asked, on whatever machine this is. */
const patienceMs = 120_000

/** The server says nothing. */
export class Silence extends Error {
  override readonly name = 'Silence'

  constructor() {
    super(`nothing came for ${patienceMs / 1000} seconds`)
  }
}

/** A client that says exactly what it is told to and hands over whole answers: a line with its literals inline. */
export class Client {
  #socket: Socket
  #arrived = ''
  #ended = false
  #wake: (() => void) | undefined

  readonly #hasLiterals: boolean

  private constructor(socket: Socket, hasLiterals: boolean) {
    this.#socket = socket
    this.#hasLiterals = hasLiterals
    this.#listen()
  }

  static async connect(
    door: { host: string; port: number },
    { secure, hasLiterals }: { secure: boolean; hasLiterals: boolean },
  ): Promise<Client> {
    const socket: Socket | TLSSocket = secure
      ? connectTls({ ...door, rejectUnauthorized: false })
      : connect({ ...door, noDelay: true })
    await once(socket, secure ? 'secureConnect' : 'connect')
    return new Client(socket, hasLiterals)
  }

  get hasLeft(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded
  }

  /** One packet. */
  send(octets: string): void {
    this.#socket.write(octets, 'latin1')
  }

  /** The handshake begins with the next octet. */
  async startTls(): Promise<void> {
    const plain = this.#socket
    plain.removeAllListeners()
    this.#socket = connectTls({ socket: plain, rejectUnauthorized: false })
    await once(this.#socket, 'secureConnect')
    this.#listen()
  }

  /** The next answer without its CRLF; undefined when the server has closed. Rejects with Silence when nothing comes. */
  async answer(): Promise<string | undefined> {
    for (;;) {
      const taken = this.#take()
      if (taken !== undefined) return taken
      if (this.#ended) return this.#arrived === '' ? undefined : this.#rest()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(() => reject(new Silence()), patienceMs)
      await promise.finally(() => clearTimeout(timer))
    }
  }

  /** Asks and waits for the OK. Throws Error for any other end. */
  async ask(line: string): Promise<void> {
    this.send(`ask ${line}\r\n`)
    for (;;) {
      const said = await this.answer()
      if (said?.startsWith('ask OK') === true) return
      if (said === undefined || said.startsWith('ask '))
        throw new Error(`The server answers ${said} to ${line.slice(0, 100)}`)
    }
  }

  /** An answer that is here already. */
  early(): string | undefined {
    return this.#take()
  }

  leave(): void {
    this.#socket.destroy()
  }

  #rest(): string {
    const rest = this.#arrived
    this.#arrived = ''
    return rest
  }

  #listen(): void {
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => {
      this.#arrived += text
      this.#wake?.()
    })
    const end = () => {
      this.#ended = true
      this.#wake?.()
    }
    this.#socket.on('end', end)
    this.#socket.on('close', end)
    // A reset by the server is its way to end; the transcript tells whether it may.
    this.#socket.on('error', end)
  }

  #take(): string | undefined {
    let at = 0
    for (;;) {
      const end = this.#arrived.indexOf('\r\n', at)
      if (end === -1) return undefined
      const literal = /\{(\d+)\}$/.exec(this.#arrived.slice(Math.max(at, end - 20), end))
      if (this.#hasLiterals && literal !== null) {
        at = end + 2 + Number(literal[1])
        if (at > this.#arrived.length) return undefined
        continue
      }
      const whole = this.#arrived.slice(0, end)
      this.#arrived = this.#arrived.slice(end + 2)
      return whole
    }
  }
}

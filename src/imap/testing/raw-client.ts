import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A client that sends what it is told, and waits for what it expects. */
export class RawClient implements Disposable {
  #socket: Socket
  #text = ''
  #ended = false
  #woken: (() => void)[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  static async connect({ host, port }: { host: string; port: number }, secure = false): Promise<RawClient> {
    const socket = secure ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port })
    const client = new RawClient(socket)
    await once(socket, secure ? 'secureConnect' : 'connect')
    return client
  }

  /** Everything received and not yet taken by `until`. */
  get received(): string {
    return this.#text
  }

  send(text: string | Buffer): void {
    this.#socket.write(text, 'latin1')
  }

  /** Sends and says that no more comes, as `nc -N` does. */
  finish(text: string): void {
    this.#socket.end(text, 'latin1')
  }

  /** Breaks the line (RST). */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Takes everything up to the end of what matches. Throws when the server ends first. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found !== null) {
        const end = found.index + found[0].length
        const taken = this.#text.slice(0, end)
        this.#text = this.#text.slice(end)
        return taken
      }
      if (this.#ended)
        throw new Error(`The server ended before ${String(pattern)}; it said: ${this.#text.slice(0, 500)}`)
      await new Promise<void>((resolve) => this.#woken.push(resolve))
    }
  }

  /** Sends one command and takes everything up to its tagged line. */
  async command(tag: string, text: string): Promise<string> {
    this.send(`${tag} ${text}\r\n`)
    return this.until(new RegExp(String.raw`(?<=^|\n)${tag} (OK|NO|BAD)[^\r\n]*\r\n`))
  }

  /** What is left once the server has ended. */
  async ended(): Promise<string> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#woken.push(resolve))
    return this.#text
  }

  /** Goes on over TLS. */
  async startTls(): Promise<void> {
    this.#socket.removeAllListeners()
    this.#socket = connectTls({ socket: this.#socket, rejectUnauthorized: false })
    this.#listen()
    await once(this.#socket, 'secureConnect')
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    this.#socket.on('error', end).on('end', end).on('close', end)
  }

  #wake(): void {
    for (const wake of this.#woken.splice(0)) wake()
  }
}

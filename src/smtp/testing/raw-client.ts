import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from '#wire/door-server.ts'
import { password, user } from './people.ts'

/** A client that says exactly what it is told, and reads replies. */
export class RawClient {
  #socket: Socket
  /** Under TLS, where there is some. */
  readonly #line: Socket
  #text = ''
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket, line = socket) {
    this.#socket = socket
    this.#line = line
    this.#listen()
  }

  static async open({ host, port }: Address): Promise<RawClient> {
    const client = new RawClient(connect({ host, port }))
    await client.reply()
    return client
  }

  /** Over TLS from the start, and logged in. */
  static async openLoggedIn({ host, port }: Address): Promise<RawClient> {
    const line = connect({ host, port })
    const client = new RawClient(connectTls({ socket: line, rejectUnauthorized: false }), line)
    await client.reply()
    await client.ask('EHLO client.test')
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64')
    const answer = await client.ask(`AUTH PLAIN ${plain}`)
    if (!answer.startsWith('235')) throw new Error(answer)
    return client
  }

  /** As it is, in one write. */
  write(octets: string | Buffer): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  }

  async ask(line: string): Promise<string> {
    this.write(`${line}\r\n`)
    return await this.reply()
  }

  /** The next reply, its lines joined by LF; empty when the connection ended. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#text)
      if (found !== null) {
        this.#text = this.#text.slice(found[0].length)
        return found[0].replaceAll('\r', '').trimEnd()
      }
      if (this.#ended) return ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async startTls(): Promise<void> {
    const raw = this.#socket
    raw.removeAllListeners('data')
    this.#socket = connectTls({ socket: raw, rejectUnauthorized: false })
    await once(this.#socket, 'secureConnect')
    this.#listen()
  }

  /** Octets that came and are no reply yet. */
  get rest(): string {
    return this.#text
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#socket.pause()
  }

  /** Says that no more comes. */
  finish(): void {
    this.#socket.end()
  }

  /** Breaks the line (RST). */
  reset(): void {
    this.#line.resetAndDestroy()
  }

  close(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake?.()
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#ended = true
      this.#wake?.()
    })
  }
}

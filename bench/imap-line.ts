import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Gathering, type Answer } from './imap-answer.ts'

const LF = 0x0a
const CR = 0x0d
const RBRACE = 0x7d
const STAR = 0x2a
/** Silence after which a server is held for dead. */
const silenceMs = 120_000

interface Waiter {
  readonly pattern: RegExp
  resolve(line: string): void
  reject(error: Error): void
}

/** An IMAP client that does as little as possible: it counts lines and jumps over literals, so that it is no part of what is measured. */
export class ImapLine {
  readonly #socket: Socket
  readonly #pending: Gathering[] = []
  readonly #waiting: Waiter[] = []
  #tail: Buffer = Buffer.alloc(0)
  /** Octets of a literal that are still to come. */
  #skip = 0
  #line = ''
  #tags = 0
  #idleTag = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {
      // 'close' follows.
    })
    socket.on('close', () => this.#fail('the server closed the connection'))
    socket.on('timeout', () => {
      if (this.#pending.length + this.#waiting.length > 0) this.#fail('the server says nothing')
    })
    socket.setTimeout(silenceMs)
  }

  static async connect(address: { host: string; port: number }, secure = false): Promise<ImapLine> {
    const socket = secure
      ? connectTls({ ...address, rejectUnauthorized: false })
      : connect({ ...address, noDelay: true })
    const line = new ImapLine(socket)
    const greeting = line.waitFor(/^\* OK/)
    await Promise.all([once(socket, secure ? 'secureConnect' : 'connect'), greeting])
    return line
  }

  /** Octets that came so far. */
  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Sends one command; give the text without tag and line end. Rejects when the connection ends. */
  command(text: string, keep = false): Promise<Answer> {
    const gathering = new Gathering(`b${++this.#tags}`, keep)
    this.#pending.push(gathering)
    this.#socket.write(`${gathering.tag} ${text}\r\n`)
    return gathering.answer
  }

  /** Like `command`, but throws unless the answer is OK. */
  async ok(text: string, keep = false): Promise<Answer> {
    const answer = await this.command(text, keep)
    if (!answer.status.startsWith('OK')) throw new Error(`${text.slice(0, 60)}: ${answer.status}`)
    return answer
  }

  async login({ user, password }: { user: string; password: string }): Promise<void> {
    await this.ok(`LOGIN "${user}" "${password}"`)
  }

  /** Waits from now on for what happens, until `done`. */
  async idle(): Promise<void> {
    this.#idleTag = `b${++this.#tags}`
    const ready = this.waitFor(/^\+ /)
    this.send(`${this.#idleTag} IDLE\r\n`)
    await ready
  }

  async done(): Promise<void> {
    const tag = `${this.#idleTag} `
    const ended = this.waitFor(new RegExp(`^${tag}`))
    this.send('DONE\r\n')
    await ended
  }

  /** The next line of any kind that matches. */
  waitFor(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.push({ pattern, resolve, reject }))
  }

  /** Sends octets as they are. */
  send(text: string): void {
    this.#socket.write(text)
  }

  /** Takes nothing any more of what comes. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(arrived: Buffer): void {
    this.#pending[0]?.arrived(arrived.length)
    const chunk = this.#tail.length === 0 ? arrived : Buffer.concat([this.#tail, arrived])
    let at = Math.min(this.#skip, chunk.length)
    this.#skip -= at
    while (at < chunk.length) {
      const end = chunk.indexOf(LF, at)
      if (end === -1) break
      const last = chunk[end - 1] === CR ? end - 1 : end
      if (chunk[last - 1] === RBRACE) {
        const size = literalSize(chunk, last)
        if (size >= 0) {
          if (this.#line === '') this.#line = chunk.toString('latin1', at, Math.min(last, at + 200))
          at = Math.min(chunk.length, end + 1 + size)
          this.#skip = size - (at - end - 1)
          continue
        }
      }
      if (
        this.#line === '' &&
        chunk[at] === STAR &&
        this.#waiting.length === 0 &&
        this.#pending[0]?.keeps === false
      )
        this.#pending[0].counted()
      else this.#whole(this.#line === '' ? chunk.toString('latin1', at, last) : this.#line)
      this.#line = ''
      at = end + 1
    }
    this.#tail = this.#skip > 0 || at >= chunk.length ? Buffer.alloc(0) : chunk.subarray(at)
  }

  #whole(line: string): void {
    if (this.#waiting.length > 0)
      for (const waiter of this.#waiting.filter(({ pattern }) => pattern.test(line))) {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        waiter.resolve(line)
      }
    if (this.#pending[0]?.line(line) === true) this.#pending.shift()
  }

  #fail(why: string): void {
    const error = new Error(why)
    for (const one of this.#pending.splice(0)) one.fail(error)
    for (const one of this.#waiting.splice(0)) one.reject(error)
    this.#socket.destroy()
  }
}

/** The size announced by `{n}` that ends at `end`, or -1. */
function literalSize(chunk: Buffer, end: number): number {
  let at = end - 2
  let size = 0
  let unit = 1
  for (; at >= 0; at--) {
    const byte = chunk[at] as number
    if (byte < 0x30 || byte > 0x39) break
    size += (byte - 0x30) * unit
    unit *= 10
  }
  return unit > 1 && chunk[at] === 0x7b ? size : -1
}

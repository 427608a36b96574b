import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

const LF = 0x0a
const CR = 0x0d
const RBRACE = 0x7d

/** What came back for one command. */
export interface Answer {
  /** OK, NO or BAD and what follows. */
  readonly status: string
  /** Untagged lines. */
  readonly untagged: number
  readonly bytes: number
  /** Milliseconds to the first untagged line, to the tagged one, and the longest pause between two. */
  readonly firstMs: number
  readonly totalMs: number
  readonly longestPauseMs: number
  /** The untagged lines without their literals, when they were asked for. */
  readonly lines: readonly string[]
}

interface Pending {
  readonly tag: string
  readonly keep: boolean
  readonly startedAt: number
  readonly lines: string[]
  resolve(answer: Answer): void
  untagged: number
  bytes: number
  firstMs: number
  lastAt: number
  longestPauseMs: number
}

/** An IMAP client that does as little as possible: it counts lines and jumps over literals, so that it is no part of what is measured. */
export class ImapLine {
  readonly #socket: Socket
  readonly #pending: Pending[] = []
  readonly #waiting: { pattern: RegExp; resolve: (line: string) => void }[] = []
  #tail: Buffer = Buffer.alloc(0)
  /** Octets of a literal that are still to come. */
  #skip = 0
  #line = ''
  #tags = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  static async connect(address: { host: string; port: number }, secure = false): Promise<ImapLine> {
    const socket = secure
      ? connectTls({ ...address, rejectUnauthorized: false })
      : connect({ ...address, noDelay: true })
    const line = new ImapLine(socket)
    const greeting = line.waitFor(/^\* OK/)
    await once(socket, secure ? 'secureConnect' : 'connect')
    await greeting
    return line
  }

  /** Sends one command; give the text without tag and line end. */
  command(text: string, keep = false): Promise<Answer> {
    const tag = `b${++this.#tags}`
    return new Promise((resolve) => {
      const now = performance.now()
      this.#pending.push({
        tag,
        keep,
        resolve,
        startedAt: now,
        lines: [],
        untagged: 0,
        bytes: 0,
        firstMs: 0,
        lastAt: now,
        longestPauseMs: 0,
      })
      this.#socket.write(`${tag} ${text}\r\n`)
    })
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

  /** The next line of any kind that matches. */
  waitFor(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }))
  }

  /** Sends octets as they are. */
  send(text: string): void {
    this.#socket.write(text)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(arrived: Buffer): void {
    const current = this.#pending[0]
    if (current !== undefined) {
      const now = performance.now()
      current.bytes += arrived.length
      current.longestPauseMs = Math.max(current.longestPauseMs, now - current.lastAt)
      current.lastAt = now
      if (current.firstMs === 0) current.firstMs = now - current.startedAt
    }
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
      this.#whole(this.#line === '' ? chunk.toString('latin1', at, last) : this.#line)
      this.#line = ''
      at = end + 1
    }
    this.#tail = this.#skip > 0 || at >= chunk.length ? Buffer.alloc(0) : chunk.subarray(at)
  }

  #whole(line: string): void {
    for (const waiter of this.#waiting.filter(({ pattern }) => pattern.test(line))) {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      waiter.resolve(line)
    }
    const current = this.#pending[0]
    if (current === undefined) return
    if (!line.startsWith(`${current.tag} `)) {
      current.untagged++
      if (current.keep) current.lines.push(line)
      return
    }
    this.#pending.shift()
    const { untagged, bytes, firstMs, longestPauseMs, lines } = current
    const totalMs = performance.now() - current.startedAt
    current.resolve({
      status: line.slice(current.tag.length + 1),
      untagged,
      bytes,
      firstMs,
      totalMs,
      longestPauseMs,
      lines,
    })
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

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Door } from '../postern.ts'

/** The server closed before it said what was waited for. */
export class Cut extends Error {
  override readonly name = 'Cut'
}

/** A client of any line protocol that says exactly what it is told to, and keeps what it hears. */
export class Dialog {
  /** Everything that was said to it so far, as latin1. */
  heard = ''
  readonly #socket: Socket
  #ended = false
  #heardMore = () => {}
  #tags = 0

  private constructor(socket: Socket) {
    this.#socket = socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.heard += text
      this.#heardMore()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#ended = true
      this.#heardMore()
    })
  }

  /** Resolves with the greeting heard. Throws Cut. */
  static async open({ host, port }: Door, how: 'plain' | 'tls' = 'plain'): Promise<Dialog> {
    const dialog = new Dialog(
      how === 'tls' ? connectTls({ host, port, rejectUnauthorized: false }) : connect(port, host),
    )
    await dialog.until(/\r\n/)
    return dialog
  }

  /** An IMAP session, logged in. */
  static async imap(door: Door, user: string, password: string): Promise<Dialog> {
    const dialog = await Dialog.open(door)
    const answer = await dialog.command(`LOGIN "${user}" "${password}"`)
    if (!/^\S+ OK/m.test(answer)) throw new Cut(answer)
    return dialog
  }

  say(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** What was heard up to and with the match, which is then forgotten. Throws Cut. */
  async until(end: RegExp): Promise<string> {
    for (;;) {
      const found = end.exec(this.heard)
      if (found !== null) {
        const at = found.index + found[0].length
        const text = this.heard.slice(0, at)
        this.heard = this.heard.slice(at)
        return text
      }
      if (this.#ended) throw new Cut(this.heard)
      await new Promise<void>((resolve) => {
        this.#heardMore = resolve
      })
    }
  }

  /** An IMAP command and all that is heard up to its tagged line. Throws Cut. */
  async command(line: string): Promise<string> {
    const tag = `t${++this.#tags}`
    this.say(`${tag} ${line}\r\n`)
    return this.until(new RegExp(`^${tag} (OK|NO|BAD)[^\\r]*\\r\\n`, 'm'))
  }

  /** IMAP APPEND; gives what is heard up to its tagged line. Throws Cut. */
  async append(mailbox: string, message: string): Promise<string> {
    const tag = `t${++this.#tags}`
    this.say(`${tag} APPEND "${mailbox}" {${Buffer.byteLength(message)}}\r\n`)
    const first = await this.until(new RegExp(`^(\\+|${tag} (NO|BAD))[^\\r]*\\r\\n`, 'm'))
    if (first.includes(`${tag} `)) return first
    this.say(`${message}\r\n`)
    return this.until(new RegExp(`^${tag} (OK|NO|BAD)[^\\r]*\\r\\n`, 'm'))
  }

  /** All that is heard until the server closes. */
  async rest(): Promise<string> {
    if (!this.#ended) await once(this.#socket, 'close')
    return this.heard
  }

  close(): void {
    this.#socket.destroy()
  }
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ImapReader, type ImapValue } from '#mail/mime/testing/imap-value.ts'

/** What FETCH said of one message, by item name: `ENVELOPE`, `BODY[1.MIME]`. */
export type Fetched = ReadonlyMap<string, ImapValue>

/** An IMAP client that fetches and reads strictly; one command at a time. */
export class FetchClient {
  readonly #socket: Socket
  #tags = 0

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async connect(address: { host: string; port: number }): Promise<FetchClient> {
    const socket = connect(address)
    await once(socket, 'data')
    return new FetchClient(socket)
  }

  /** Sends a command and gives all untagged lines before its OK. Throws when the answer is not OK. */
  async command(text: string): Promise<string> {
    const tag = `tag${++this.#tags}end`
    this.#socket.write(`${tag} ${text}\r\n`)
    let answer = ''
    for (;;) {
      const [chunk] = (await once(this.#socket, 'data')) as [Buffer]
      answer += chunk.toString('latin1')
      const at = answer.lastIndexOf(`${tag} `)
      if (at === -1 || !answer.endsWith('\r\n')) continue
      if (!answer.startsWith('OK', at + tag.length + 1)) throw new Error(`${text}: ${answer.slice(at)}`)
      return answer.slice(0, at)
    }
  }

  /** The items of one message. */
  async fetch(sequence: number, items: readonly string[]): Promise<Fetched> {
    const reader = new ImapReader(await this.command(`FETCH ${sequence} (${items.join(' ')})`))
    const found = new Map<string, ImapValue>()
    while (!reader.ended) {
      reader.expect(`* ${sequence} FETCH `)
      const values = reader.value()
      reader.expect('\r\n')
      if (!Array.isArray(values)) throw new SyntaxError('FETCH without a list')
      for (let i = 0; i < values.length; i += 2)
        found.set((values[i] as { atom: string }).atom, values[i + 1] as ImapValue)
    }
    return found
  }

  close(): void {
    this.#socket.destroy()
  }
}

import type { Connection } from '#wire/connection.ts'
import type { Answers, Chunk, Completion, Progress } from './command.ts'
import { tellStillWorking } from './still-working.ts'

/** What a session says, in order, as fast as the client takes it. */
export class Voice {
  readonly #connection: Connection
  /** A command is being asked for its next chunk; nothing else is being written. */
  #waiting = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Rejects with ConnectionEnded when there is nobody any more. */
  async write(chunk: Chunk): Promise<void> {
    const wait = this.#connection.write(chunk)
    if (wait !== undefined) await wait
  }

  /** A short line, now. If the socket is full it goes out with the rest. */
  say(line: Chunk): void {
    this.#connection.write(line)?.catch(() => {})
    this.#connection.flush()
  }

  bye(text: string): void {
    this.say(`* BYE ${text}\r\n`)
  }

  /** Sends the answers of a command; resolves to its end. Rejects with what the command throws. */
  async relay(answers: Answers): Promise<Completion | undefined> {
    try {
      for (;;) {
        this.#waiting = true
        const { done, value } = await answers.next()
        this.#waiting = false
        if (done === true) return value
        await this.write(value)
      }
    } catch (error) {
      this.#waiting = false
      await answers.return(undefined).catch(() => {})
      throw error
    }
  }

  /** Tells the client that a command is at work whenever there is nothing else to say. Returns the way to stop. */
  keepAwake(tag: string, progress: Progress): () => void {
    return tellStillWorking(tag, progress, {
      written: () => this.#connection.bytesWritten,
      mayTell: () => this.#waiting,
      tell: (line) => this.say(line),
    })
  }
}

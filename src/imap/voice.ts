import type { Connection } from '#wire/connection.ts'
import type { Answers, Chunk, Completion, Progress } from './command.ts'
import { StillWorking } from './still-working.ts'

/** What a session says, in order, as fast as the client takes it. */
export class Voice {
  readonly #connection: Connection
  /** A command is being asked for its next chunk; nothing else is being written. */
  #waiting = false
  readonly #stillWorking: StillWorking

  constructor(connection: Connection) {
    this.#connection = connection
    this.#stillWorking = new StillWorking({
      written: () => connection.bytesWritten,
      mayTell: () => this.#waiting,
      tell: (line) => this.say(line),
    })
  }

  /** As `Connection.write`: a promise means that nothing more may be written before it resolves. */
  write(chunk: Chunk): Promise<void> | undefined {
    return this.#connection.write(chunk)
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
        const wait = this.write(value)
        if (wait !== undefined) await wait
      }
    } catch (error) {
      this.#waiting = false
      await answers.return(undefined).catch(() => {})
      throw error
    }
  }

  /** From now on a command is at work, and the client is told so whenever there is nothing else to say. */
  keepAwake(tag: string, progress: Progress): void {
    this.#stillWorking.begin(tag, progress)
  }

  /** The command has ended. */
  rest(): void {
    this.#stillWorking.end()
  }

  /** The session is over. */
  close(): void {
    this.#stillWorking.close()
  }
}

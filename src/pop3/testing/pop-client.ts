import { RawClient } from '#imap/testing/raw-client.ts'

/** A POP3 client of our own reading of RFC 1939: one character per octet. */
export class PopClient implements Disposable {
  readonly raw: RawClient
  readonly greeting: string

  private constructor(raw: RawClient, greeting: string) {
    this.raw = raw
    this.greeting = greeting
  }

  static async connect(door: { host: string; port: number }, secure: boolean): Promise<PopClient> {
    const raw = await RawClient.connect(door, secure)
    return new PopClient(raw, await raw.until(/^[^\r\n]*\r\n/))
  }

  /** Sends a command and gives the first line of its answer, without the line end. */
  async ask(line: string): Promise<string> {
    this.raw.send(`${line}\r\n`)
    return this.line()
  }

  /** The next line. */
  async line(): Promise<string> {
    return (await this.raw.until(/^[^\r\n]*\r\n/)).slice(0, -2)
  }

  /** Sends a command and gives the text of its multi-line answer. Throws when that is negative. */
  async text(line: string): Promise<string> {
    const first = await this.ask(line)
    if (!first.startsWith('+OK')) throw new Error(`${line}: ${first}`)
    return this.body()
  }

  /** What is left of a multi-line answer after its first line: up to the dot, with the dots of stuffing taken off. */
  async body(): Promise<string> {
    const answer = await this.raw.until(/(?:^|\r\n)\.\r\n/)
    return answer
      .slice(0, -3)
      .split('\n')
      .map((one) => (one.startsWith('.') ? one.slice(1) : one))
      .join('\n')
  }

  /** The lines of a multi-line answer. */
  async lines(line: string): Promise<string[]> {
    return (await this.text(line)).split('\r\n').slice(0, -1)
  }

  async logIn(user: string, password: string): Promise<void> {
    await this.ask(`USER ${user}`)
    const answer = await this.ask(`PASS ${password}`)
    if (!answer.startsWith('+OK')) throw new Error(answer)
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]()
  }
}

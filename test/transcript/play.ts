import { compose } from './compose.ts'
import { Client, Silence } from './client.ts'
import { readable, type Conversation } from './conversation.ts'
import { manners, type DoorName } from './manners.ts'
import { match, type Bindings } from './pattern.ts'
import type { Scene } from './stage.ts'
import type { Expectation, Step, Transcript } from './transcript.ts'

/** The server did not answer as it is written. The message names file and line, and shows both. */
export class Difference extends Error {
  override readonly name = 'Difference'
}

/** What ends a command, and so is never passed over. */
const completion = /^(?!\*)\S+ (?:OK|NO|BAD)(?: |$)|^\+|^\* BYE|^-ERR|^\d{3} /

/** Plays a transcript; rejects with Difference at the first answer that is not as written, or is not written at all. */
export async function play(transcript: Transcript, scene: Scene, conversation: Conversation): Promise<void> {
  const performance = new Performance(transcript, scene, conversation)
  try {
    for (const step of transcript.steps) await performance.step(step)
    await performance.end()
  } finally {
    performance.close()
  }
}

class Performance {
  readonly #transcript: Transcript
  readonly #scene: Scene
  readonly #conversation: Conversation
  readonly #clients = new Map<number, Client>()
  /** Clients for which answers may be passed over until the next one that is written. */
  readonly #passing = new Set<number>()
  /** An answer that was read but belongs to a later step. */
  readonly #ahead = new Map<number, string>()
  #bindings: Bindings

  constructor(transcript: Transcript, scene: Scene, conversation: Conversation) {
    this.#transcript = transcript
    this.#scene = scene
    this.#conversation = conversation
    this.#bindings = scene.bindings
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'google') {
      this.#conversation.note('G', step.sentence)
      try {
        await this.#scene.google(step.sentence)
      } catch (error) {
        throw this.#difference(step.line, `G: ${step.sentence}\n${(error as Error).message}`)
      }
      return
    }
    const client = await this.#client(step.client, step.line)
    switch (step.kind) {
      case 'send': {
        this.#refuseUnwritten(step.client, client, step.line)
        const lines = step.texts.map((text) => compose(text, this.#bindings))
        for (const line of lines) this.#note(step.client, 'C', line)
        client.send(`${lines.join('\r\n')}\r\n`)
        return
      }
      case 'start-tls':
        await client.startTls()
        return
      case 'leave':
        this.#refuseUnwritten(step.client, client, step.line)
        client.leave()
        return
      case 'pass':
        this.#passing.add(step.client)
        return
      case 'left':
        return this.#left(step.client, client, step.line)
      case 'answer':
        return this.#answer(step.client, client, step.expected, step.optional)
      case 'answers':
        return this.#answers(step.client, client, step.expected, step.open)
    }
  }

  /** Says goodbye for every client that is still there: nothing that was not written down may come before its BYE. */
  async end(): Promise<void> {
    const line = this.#transcript.steps.at(-1)?.line ?? 1
    for (const [number, client] of this.#clients) {
      if (client.hasLeft) continue
      const { says, answered } = manners[this.#door(number)].goodbye
      client.send(`${says}\r\n`)
      const said = await this.#next(number, client, line, answered)
      if (said === undefined || !said.startsWith(answered))
        throw this.#difference(
          line,
          `after it came an answer that is not written down\n  got  ${readable(said ?? '')}`,
        )
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.leave()
  }

  async #client(number: number, line: number): Promise<Client> {
    const known = this.#clients.get(number)
    if (known !== undefined) return known
    const name = this.#door(number)
    const door = this.#scene.doors[name]
    if (door === undefined) throw this.#difference(line, `there is no door ${name} here`)
    const client = await Client.connect(door, manners[name])
    this.#clients.set(number, client)
    if (this.#transcript.login) await this.#logIn(number, client, line)
    return client
  }

  async #logIn(number: number, client: Client, line: number): Promise<void> {
    const { user = '', password = '' } = Object.fromEntries(this.#bindings)
    for (const { says, answered, skipped } of manners[this.#door(number)].login(user, password)) {
      if (says !== undefined) client.send(`${says}\r\n`)
      for (;;) {
        const said = await this.#next(number, client, line, 'a greeting and a login')
        if (said !== undefined && answered.test(said)) break
        if (said === undefined || skipped?.test(said) !== true)
          throw this.#difference(line, `the login before it failed\n  got  ${readable(said ?? 'the end')}`)
      }
    }
  }

  #door(client: number): DoorName {
    const { doors } = this.#transcript
    return doors[client - 1] ?? doors[0]
  }

  async #answer(number: number, client: Client, expected: Expectation, optional: boolean): Promise<void> {
    const passing = this.#passing.delete(number)
    for (;;) {
      const said = await this.#next(number, client, expected.line, expected.source)
      if (said === undefined) throw this.#unlike(expected, 'the end of the connection', 0)
      const { bindings, agreedUpTo } = match(expected.pattern, said, this.#bindings)
      if (bindings !== undefined) {
        this.#bindings = bindings
        return
      }
      if (optional) {
        this.#ahead.set(number, said)
        return
      }
      if (!passing || completion.test(said)) throw this.#unlike(expected, said, agreedUpTo)
    }
  }

  async #answers(
    number: number,
    client: Client,
    expected: readonly Expectation[],
    open: boolean,
  ): Promise<void> {
    const left = new Set(expected)
    const [first] = expected
    while (left.size > 0) {
      const [nearest = first] = left
      if (nearest === undefined) break
      const said = await this.#next(number, client, nearest.line, nearest.source)
      const found = [...left].find((one) => said !== undefined && this.#agree(one, said))
      if (found !== undefined) left.delete(found)
      else if (!open || said === undefined || completion.test(said)) {
        const sources = [...left].map(({ source }) => source).join('\n            ')
        const text = `the answer is none of those that are left\n  expected  ${sources}\n  got       ${readable(said ?? 'the end of the connection')}`
        throw this.#difference(nearest.line, text)
      }
    }
    if (open) this.#passing.add(number)
  }

  #agree(expected: Expectation, said: string): boolean {
    const { bindings } = match(expected.pattern, said, this.#bindings)
    if (bindings === undefined) return false
    this.#bindings = bindings
    return true
  }

  async #left(number: number, client: Client, line: number): Promise<void> {
    const passing = this.#passing.delete(number)
    for (;;) {
      const said = await this.#next(number, client, line, 'the end of the connection')
      if (said === undefined) return client.leave()
      if (!passing)
        throw this.#difference(line, `expected the end of the connection\n  got  ${readable(said)}`)
    }
  }

  async #next(number: number, client: Client, line: number, expected: string): Promise<string | undefined> {
    const ahead = this.#ahead.get(number)
    this.#ahead.delete(number)
    if (ahead !== undefined) return ahead
    const said = await client.answer().catch((error: unknown) => {
      if (!(error instanceof Silence)) throw error
      throw this.#difference(line, `${error.message}\n  expected  ${expected}`)
    })
    if (said === undefined) return undefined
    this.#note(number, 'S', said)
    return withQuotedMailbox(said)
  }

  #refuseUnwritten(number: number, client: Client, line: number): void {
    const said = this.#ahead.get(number) ?? client.early()
    if (said !== undefined)
      throw this.#difference(
        line,
        `before it came an answer that is not written down\n  got  ${readable(said)}`,
      )
  }

  #unlike(expected: Expectation, said: string, agreedUpTo: number): Difference {
    const agreed = agreedUpTo === 0 ? '' : `\n  agreed up to  ${readable(said.slice(0, agreedUpTo))}`
    const text = `the answer differs\n  expected  ${expected.source}\n  got       ${readable(said)}${agreed}`
    return this.#difference(expected.line, text)
  }

  #difference(line: number, text: string): Difference {
    return new Difference(
      `${this.#transcript.file}:${line}: ${text}\n\nThe end of the conversation:\n${this.#conversation.end}`,
    )
  }

  #note(number: number, side: 'C' | 'S', octets: string): void {
    this.#conversation.note(`${this.#clients.size > 1 ? number : ''}${side}`, octets)
  }
}

const mailboxLine = /^(\* (?:(?:LIST|LSUB|XLIST) \([^)]*\) (?:"."|NIL)|STATUS) )([^\s"(){]+)/

/** A mailbox name may stand with or without quotes; here it always has them. RFC 9051 section 9, astring. */
function withQuotedMailbox(said: string): string {
  return said.replace(mailboxLine, '$1"$2"')
}

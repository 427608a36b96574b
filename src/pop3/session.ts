import type { Admission } from '#mail/doorman.ts'
import type { MaildropKeeper } from '#mail/maildrop.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { Connection } from '#wire/connection.ts'
import type { DoorSession } from '#wire/door-server.ts'
import { isHttpRequest, isTlsHello } from '#wire/foreign.ts'
import type { Gatekeeper } from '#wire/gatekeeper.ts'
import { LineTooLong } from '#wire/line-reader.ts'
import { RedactedLine } from '#wire/transcript.ts'
import type { Turn } from '#wire/turn.ts'
import type { Visit } from '#wire/visit.ts'
import { ProtocolError } from './arguments.ts'
import type { Answers, Chunk } from './command.ts'
import type { FactsBook } from './facts-book.ts'
import { readCommand } from './reading.ts'
import type { Reading } from './reading.ts'
import { refusal, refusalOf, serverBug } from './refusals.ts'
import { registry } from './registry.ts'
import { SessionContext } from './session-context.ts'
import type { SessionLimits } from './session-limits.ts'

export interface SessionParts {
  readonly connection: Connection
  readonly gatekeeper: Gatekeeper
  readonly certificate: CertificateSource
  readonly keeperOf: (admission: Admission) => MaildropKeeper
  readonly facts: FactsBook
  /** A password may cross without TLS. */
  readonly plainLoginAllowed: boolean
  /** Messages of one session; 0: no bound. */
  readonly batch: number
  readonly poppedOnce: boolean
  readonly limits: SessionLimits
  readonly clock: Clock
  readonly log: Log
  readonly visit: Visit
}

/**
 * One client from greeting to farewell. It reads a command, answers it, and only then reads the next: pipelined commands
 * wait in the socket. However a session ends, only QUIT makes true what it marked.
 */
export class Session implements DoorSession {
  readonly mailbox = undefined
  readonly #parts: SessionParts
  readonly #abort = new AbortController()
  readonly #context: SessionContext
  /** Of commands that were waiting and are answered one after another. */
  readonly #turn: Turn
  #bad = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { connection } = parts
    this.#turn = connection.turns.begin('download')
    connection.closed.addEventListener('abort', () => this.#abort.abort(connection.closed.reason))
    this.#context = new SessionContext(parts, this.#abort.signal, (prompt) => this.#ask(prompt))
  }

  /** Whoever waits inside a command is let go. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
    this.#context.abortUpdate(reason)
  }

  /** Serves until the client leaves or must. Never throws. */
  async run(): Promise<void> {
    const { connection, log, visit } = this.#parts
    try {
      // No timestamp: APOP needs the password itself at the server. RFC 1939 section 7.
      await this.#write('+OK Postern ready\r\n')
      while (!this.#context.leaving && (await this.#serveOne()));
      if (this.#context.leaving) visit.ends('left')
    } catch (error) {
      if (error instanceof LineTooLong) {
        visit.ends('turned-away')
        await this.#write(refusal('The line is too long')).catch(() => {})
      } else if (!connection.closed.aborted && !this.#abort.signal.aborted) {
        visit.ends('failed')
        log.error({ err: error }, 'a POP3 session failed')
      }
    } finally {
      this.#context.close()
    }
  }

  /** False when the session is over. */
  async #serveOne(): Promise<boolean> {
    const { connection, limits, log, visit } = this.#parts
    const { incoming } = connection
    if (incoming.unread === 0) {
      connection.flush()
      this.#turn.rested()
    } else if (this.#turn.over) await this.#turn.next()
    connection.limitSilence(limits.idleMs)
    const line = await incoming.line(limits.lineBytes)
    connection.limitSilence(undefined)
    // "The server should close the TCP connection without removing any messages or sending any response": RFC 1939 section 3.
    if (line === undefined) return false
    const { state } = this.#context
    if (state === 'authorization' && (isHttpRequest(line) || isTlsHello(line))) {
      log.warn({ remoteAddress: connection.remoteAddress }, 'another protocol on the POP3 port, cut off')
      visit.ends('turned-away')
      connection.destroy()
      return false
    }
    const reading = readCommand(line, state)
    if (reading.kind === 'wrong') {
      visit.begin()
      await this.#write(reading.answer)
      visit.finish('err', shown(line, reading))
      return this.#mayGoOn(false)
    }
    visit.begin(reading.command.name)
    const end = await this.#pump(reading.command.run(this.#context, reading.args))
    visit.finish(end === 'done' ? 'ok' : 'err', shown(line, reading))
    return this.#mayGoOn(end !== 'wrong')
  }

  /** Writes an answer as the socket takes it. `wrong`: the client said something that is none. */
  async #pump(answers: Answers): Promise<'done' | 'refused' | 'wrong'> {
    const { connection, log } = this.#parts
    const work = connection.turns.begin('work')
    let begun = false
    try {
      for (;;) {
        const { done, value } = await answers.next()
        if (done === true) return 'done'
        begun = true
        await this.#write(value)
        if (work.over) await work.next()
      }
    } catch (error) {
      await answers.return().catch(() => {})
      if (connection.closed.aborted || error instanceof LineTooLong) throw error
      // In the middle of an answer nothing can be said that would not be taken for a part of it.
      if (begun) throw error
      const answer = this.#abort.signal.aborted
        ? refusal('Postern is shutting down', 'SYS/TEMP')
        : refusalOf(error)
      if (answer === undefined) log.error({ err: error }, 'a POP3 command failed')
      await this.#write(answer ?? serverBug)
      return error instanceof ProtocolError ? 'wrong' : 'refused'
    }
  }

  #mayGoOn(understood: boolean): boolean {
    if (understood) {
      this.#bad = 0
      return true
    }
    const { limits, connection } = this.#parts
    const most = this.#context.state === 'authorization' ? limits.badBeforeLogin : limits.bad
    if (++this.#bad < most) return true
    this.#parts.visit.ends('turned-away')
    connection.write(refusal('Too many commands that cannot be understood'))?.catch(() => {})
    return false
  }

  #ask(prompt: Chunk): Promise<Buffer | undefined> {
    const { connection, limits } = this.#parts
    connection.write(prompt)?.catch(() => {})
    connection.flush()
    return connection.incoming.line(limits.lineBytes)
  }

  async #write(chunk: Chunk): Promise<void> {
    const wait = this.#parts.connection.write(chunk)
    if (wait !== undefined) await wait
  }
}

/** The names of commands; every other word could be a person's. */
const knownWords: ReadonlySet<string> = new Set(registry.keys())

function shown(line: Buffer, reading: Reading): RedactedLine {
  const secret = reading.kind === 'wrong' ? reading.secret : reading.command.secret === true
  return new RedactedLine(line, knownWords, secret ? 1 : undefined)
}

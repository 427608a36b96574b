import { setImmediate } from 'node:timers/promises'
import type { Admission } from '#mail/doorman.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { Connection, Interruption } from '#wire/connection.ts'
import { isHttpRequest, isTlsHello } from '#wire/foreign.ts'
import { isRefusal } from '#wire/gatekeeper.ts'
import type { Gatekeeper } from '#wire/gatekeeper.ts'
import { LineTooLong } from '#wire/line-reader.ts'
import { ConnectionEnded } from '#wire/outgoing.ts'
import { readWithLiterals } from '#wire/literal-reader.ts'
import { RedactedLine, withoutArguments } from '#wire/transcript.ts'
import { capabilityText } from './capabilities.ts'
import type { Answers, Chunk, Completion } from './command.ts'
import { allowance, announcedLiteral } from './literals.ts'
import { Parser } from './parser.ts'
import { readCommand } from './reading.ts'
import type { Reading } from './reading.ts'
import { completionOf, serverBug, statusText, taggedLine } from './refusals.ts'
import { SessionContext } from './session-context.ts'
import type { SessionHands } from './session-context.ts'
import { tellStillWorking } from './still-working.ts'

export interface SessionLimits {
  readonly lineBytesBeforeLogin: number
  readonly lineBytes: number
  readonly messageBytes: number
  readonly badBeforeLogin: number
  readonly bad: number
  readonly idleMs: number
}

/** After Dovecot and mox. facts/reliability.md section 5. */
export const sessionLimits: SessionLimits = {
  lineBytesBeforeLogin: 8 * 1024,
  lineBytes: 64 * 1024,
  messageBytes: 36_700_160,
  badBeforeLogin: 3,
  bad: 20,
  idleMs: 30 * 60_000,
}

export interface SessionParts {
  readonly connection: Connection
  readonly gatekeeper: Gatekeeper
  readonly certificate: CertificateSource
  /** A password may cross without TLS. */
  readonly plainLoginAllowed: boolean
  readonly hiddenCapabilities: ReadonlySet<string>
  readonly limits: SessionLimits
  readonly clock: Clock
  readonly log: Log
  onAdmitted(admission: Admission): void
}

/** How long one session is served before others have their turn. */
const turnMs = 20

/** Why the house ends a session, as the client hears it. */
const farewells: Readonly<Record<Interruption, string>> = {
  'login-timeout': 'The login took too long',
  idle: 'Nothing came for too long',
  crowded: '[UNAVAILABLE] Too many connections',
  stopping: '[UNAVAILABLE] Postern is shutting down',
}

/**
 * One client from greeting to farewell. It reads a command, runs it, tells what else changed, and only then reads the next:
 * pipelined commands wait in the socket.
 */
export class Session {
  readonly context: SessionContext
  /** What the client says it is (ID). */
  client = ''
  readonly #parts: SessionParts
  readonly #abort = new AbortController()
  #bad = 0
  #next: 'start-tls' | 'leave' | undefined
  /** A command is being asked for its next chunk; nothing else is being written. */
  #working = false
  #toldAlert: string | undefined
  /** Since when commands that were waiting are served one after another, by the monotonic clock. */
  #turnBegan = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { connection, clock, log } = parts
    connection.closed.addEventListener('abort', () => this.#abort.abort(connection.closed.reason))
    this.context = new SessionContext(this.#hands(), { clock, log, signal: this.#abort.signal })
  }

  /** Whoever waits inside a command is let go. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** Serves until the client leaves or must. Never throws. */
  async run(): Promise<void> {
    const { connection, log } = this.#parts
    try {
      await this.#write(`* OK [CAPABILITY ${this.#capabilities()}] Postern ready\r\n`)
      connection.flush()
      while (this.#next !== 'leave' && (await this.#serveOne())) await this.#letOthersIn()
    } catch (error) {
      if (error instanceof LineTooLong) this.#bye('[TOOBIG] The line is too long')
      else if (!(error instanceof ConnectionEnded)) {
        log.error({ err: error }, 'an IMAP session failed')
        this.#bye('[SERVERBUG] Something went wrong in Postern')
      }
    } finally {
      this.context.close()
    }
  }

  get #authenticated(): boolean {
    return this.context.admission !== undefined
  }

  /** A client that sends thousands of commands at once must not keep the others waiting. */
  async #letOthersIn(): Promise<void> {
    const { connection, clock } = this.#parts
    const now = clock.monotonicMs()
    if (connection.incoming.unread === 0) this.#turnBegan = now
    else if (now - this.#turnBegan >= turnMs) {
      await setImmediate()
      this.#turnBegan = clock.monotonicMs()
    }
  }

  /** False when the session is over. */
  async #serveOne(): Promise<boolean> {
    const { connection, limits } = this.#parts
    const authenticated = this.#authenticated
    if (authenticated) connection.limitSilence(limits.idleMs)
    const incoming = await readWithLiterals(
      connection.incoming,
      authenticated ? limits.lineBytes : limits.lineBytesBeforeLogin,
      {
        announced: announcedLiteral,
        allowance: (firstLine) => allowance(firstLine, authenticated, limits.messageBytes),
        goOn: () => this.#say('+ OK\r\n'),
      },
    )
    connection.limitSilence(undefined)
    switch (incoming.kind) {
      case 'end':
        if (connection.interruption !== undefined) this.#bye(farewells[connection.interruption])
        return false
      case 'refused':
        if (!incoming.synchronising) {
          this.#bye('[TOOBIG] The literal is too large')
          return false
        }
        return this.#finish(tagOf(incoming.firstLine), {
          status: 'NO',
          code: 'TOOBIG',
          text: 'The literal is too large',
        })
      case 'whole':
        return this.#serve(incoming.bytes)
    }
  }

  async #serve(bytes: Buffer): Promise<boolean> {
    const { connection, log } = this.#parts
    if (!this.#authenticated && (isHttpRequest(bytes) || isTlsHello(bytes))) {
      log.warn({ remoteAddress: connection.remoteAddress }, 'another protocol on the IMAP port, cut off')
      connection.destroy()
      return false
    }
    const { selected } = this.context
    const reading = readCommand(bytes, {
      authenticated: this.#authenticated,
      selected: selected !== undefined,
    })
    log.debug({ line: shown(bytes, reading) }, 'C')
    if (reading.kind === 'wrong') return this.#finish(reading.tag, reading.completion)
    const { tag, command, args, uid } = reading
    this.context.begin(tag)
    const stop = command.dialogue === true ? undefined : this.#watch(tag)
    try {
      const completion = await this.#pump(command.run(this.context, args))
      return await this.#finish(
        tag,
        completion ?? { status: 'OK', text: `${uid ? 'UID ' : ''}${command.name} completed` },
        command.holdsExpunges !== true || uid,
      )
    } finally {
      stop?.()
    }
  }

  #watch(tag: string): () => void {
    const { connection } = this.#parts
    return tellStillWorking(tag, this.context.progress, {
      written: () => connection.bytesWritten,
      mayTell: () => this.#working,
      tell: (line) => this.#say(line),
    })
  }

  /** Writes the answers of a command as the socket takes them; gives its end, also when it throws. */
  async #pump(answers: Answers): Promise<Completion | undefined> {
    const { connection, log } = this.#parts
    try {
      for (;;) {
        this.#working = true
        const { done, value } = await answers.next()
        this.#working = false
        if (done === true) return value
        await this.#write(value)
      }
    } catch (error) {
      this.#working = false
      await answers.return(undefined).catch(() => {})
      if (connection.closed.aborted) throw new ConnectionEnded()
      if (error instanceof ConnectionEnded || error instanceof LineTooLong) throw error
      const completion = completionOf(error)
      if (completion === undefined) log.error({ err: error }, 'an IMAP command failed')
      return completion ?? serverBug
    }
  }

  /** Tells what changed, then how the command ended. */
  async #finish(tag: string, completion: Completion, mayExpunge = false): Promise<boolean> {
    const { connection, log, certificate, limits } = this.#parts
    const { selected, enabled } = this.context
    const bad = completion.status === 'BAD'
    if (selected !== undefined && !bad) {
      for (const piece of selected.sync(mayExpunge, enabled)) await this.#write(piece)
      if (selected.gone) {
        // Clients come back after a BYE and look again; few would notice an untagged hint.
        this.#bye('The mailbox was removed')
        return false
      }
    }
    await this.#tellAlert()
    // Before the answer: TLS must begin in the turn in which it is written.
    const tls = this.#next === 'start-tls' ? await certificate.current() : undefined
    const line = taggedLine(tag, completion)
    log.debug({ line: line.slice(0, 200).trimEnd() }, 'S')
    await this.#write(line)
    if (tls !== undefined) {
      this.#next = undefined
      // Nothing said in the clear counts any more. RFC 9051 section 6.2.1.
      this.context.enabled.clear()
      this.client = ''
      await connection.startTls(tls.context)
    } else if (connection.incoming.unread === 0) connection.flush()
    if (bad && ++this.#bad >= (this.#authenticated ? limits.bad : limits.badBeforeLogin)) {
      this.#bye('Too many commands that cannot be understood')
      return false
    }
    if (!bad && this.#authenticated) this.#bad = 0
    return true
  }

  /** A person must be told once, not with every command. RFC 9051 section 7.1, ALERT. */
  async #tellAlert(): Promise<void> {
    const alert = this.context.admission?.mailstore.alert
    if (alert === this.#toldAlert) return
    this.#toldAlert = alert
    if (alert !== undefined) await this.#write(`* NO [ALERT] ${statusText(alert)}\r\n`)
  }

  async #write(chunk: Chunk): Promise<void> {
    const wait = this.#parts.connection.write(chunk)
    if (wait !== undefined) await wait
  }

  /** A short line, now. If the socket is full it goes out with the rest. */
  #say(line: Chunk): void {
    const { connection } = this.#parts
    connection.write(line)?.catch(() => {})
    connection.flush()
  }

  #bye(text: string): void {
    this.#say(`* BYE ${text}\r\n`)
  }

  #capabilities(): string {
    const { connection, hiddenCapabilities: hidden } = this.#parts
    return capabilityText({
      authenticated: this.#authenticated,
      mayStartTls: !connection.secure,
      mayLogin: this.#mayLogin,
      hidden,
    })
  }

  /** Over TLS, where it is allowed, and from this machine, where nobody listens in between. */
  get #mayLogin(): boolean {
    const { connection, plainLoginAllowed } = this.#parts
    return connection.secure || plainLoginAllowed || connection.isLoopback
  }

  #hands(): SessionHands {
    const { connection, gatekeeper, log } = this.#parts
    const mayLogin = () => this.#mayLogin
    return {
      get secure() {
        return connection.secure
      },
      get mayStartTls() {
        return !connection.secure
      },
      get mayLogin() {
        return mayLogin()
      },
      capabilities: () => this.#capabilities(),
      ask: (prompt) => {
        this.#say(prompt)
        return connection.incoming.line(this.#parts.limits.lineBytesBeforeLogin)
      },
      verify: async (credentials) => {
        const { remoteAddress } = connection
        const verdict = await gatekeeper.check(credentials, remoteAddress, this.#abort.signal)
        // Without the user's name: people type passwords there.
        if (isRefusal(verdict)) log.info({ remoteAddress, refused: verdict.refused }, 'a login was refused')
        return verdict
      },
      introduce: (name) => {
        this.client = name
      },
      afterwards: (what) => {
        this.#next = what
      },
      admitted: (admission) => {
        this.#bad = 0
        this.#parts.onAdmitted(admission)
      },
    }
  }
}

function tagOf(line: Buffer): string {
  try {
    return new Parser(line.subarray(0, 100)).tag()
  } catch {
    return '*'
  }
}

function shown(bytes: Buffer, reading: Reading): RedactedLine {
  // What cannot be read could be anything, a password without its command too.
  const secret = reading.kind === 'wrong' || reading.command.secret === true
  return new RedactedLine(secret ? withoutArguments(bytes, 2) : bytes)
}

import type { Clock } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { DoorSession } from '#wire/door-server.ts'
import { isHttpRequest, isTlsHello } from '#wire/foreign.ts'
import type { Hold } from '#wire/hold.ts'
import { LineTooLong } from '#wire/line-reader.ts'
import { ConnectionEnded } from '#wire/outgoing.ts'
import { readWithLiterals } from '#wire/literal-reader.ts'
import type { LiteralRules, Whole } from '#wire/literal-reader.ts'
import { MessageRoom } from '#wire/message-room.ts'
import { RedactedLine } from '#wire/transcript.ts'
import type { Turn } from '#wire/turn.ts'
import type { Visit } from '#wire/visit.ts'
import type { Command, Completion } from './command.ts'
import { allowance, announcedLiteral } from './literals.ts'
import { readCommand } from './reading.ts'
import type { Reading } from './reading.ts'
import { tellUpdates } from './context/tell-updates.ts'
import { completionOf, serverBug, statusText, taggedLine } from './refusals.ts'
import { SessionContext } from './session-context.ts'
import type { Afterwards, SessionHands } from './session-context.ts'
import { knownWords } from './known-words.ts'
import { Meanwhile } from './notify/meanwhile.ts'
import type { Moment } from './notify/tell.ts'
import { tell } from './notify/tell.ts'
import type { SelectedView } from './selected-view.ts'
import { farewells } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { Threshold } from './threshold.ts'
import type { ThresholdOptions } from './threshold.ts'
import { tagOf, untaken } from './untaken.ts'
import { Voice } from './voice.ts'

export interface SessionParts extends ThresholdOptions {
  readonly certificate: CertificateSource
  readonly limits: SessionLimits
  readonly clock: Clock
  readonly hold: Hold
  readonly visit: Visit
}

/**
 * One client from greeting to farewell. It reads a command, runs it, tells what else changed, and only then reads the next:
 * pipelined commands wait in the socket.
 */
export class Session implements DoorSession {
  readonly context: SessionContext
  readonly #parts: SessionParts
  readonly #room: MessageRoom
  readonly #voice: Voice
  readonly #abort = new AbortController()
  #bad = 0
  #next: Afterwards | undefined
  #toldAlert: string | undefined
  /** Says what is new while the next command is waited for. */
  #meanwhile: Meanwhile | undefined
  readonly #literals: LiteralRules = {
    announced: announcedLiteral,
    allowance: (firstLine) => allowance(firstLine, this.#messageBytes),
    room: (sizeBytes) => this.#room.take(sizeBytes),
    goOn: () => (this.#meanwhile ?? this.#voice).say('+ OK\r\n'),
  }
  /** Of commands that were waiting and are served one after another. */
  readonly #turn: Turn

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { connection, clock, log } = parts
    this.#voice = new Voice(connection)
    this.#room = new MessageRoom(parts.hold, connection)
    this.#turn = connection.turns.begin('pipeline')
    connection.closed.addEventListener('abort', () => this.#abort.abort(connection.closed.reason))
    this.context = new SessionContext(new Threshold(parts), this.#hands(), {
      clock,
      turns: connection.turns,
      log,
      signal: this.#abort.signal,
    })
  }

  get mailbox(): string | undefined {
    return this.context.selected?.mailbox.name
  }

  /** Whoever waits inside a command is let go. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** Serves until the client leaves or must. Never throws. */
  async run(): Promise<void> {
    const { connection, log, visit } = this.#parts
    try {
      await this.#voice.write(`* OK [CAPABILITY ${this.context.capabilities()}] Postern ready\r\n`)
      connection.flush()
      while (this.#next !== 'leave' && (await this.#serveOne())) {
        // A client that sends thousands of commands at once must not keep the others waiting.
        if (connection.incoming.unread === 0) this.#turn.rested()
        else if (this.#turn.over) await this.#turn.next()
      }
      if (this.#next === 'leave') visit.ends('left')
    } catch (error) {
      if (error instanceof LineTooLong) this.#throwOut('[TOOBIG] The line is too long')
      else if (!(error instanceof ConnectionEnded)) {
        log.error({ err: error }, 'an IMAP session failed')
        visit.ends('failed')
        this.#voice.bye('[SERVERBUG] Something went wrong in Postern')
      }
    } finally {
      this.#voice.close()
      this.#room.giveBack()
      this.context.close()
    }
  }

  get #authenticated(): boolean {
    return this.context.admission !== undefined
  }

  /** How large a message may be that is put in; undefined before login. */
  get #messageBytes(): number | undefined {
    const limit = this.context.admission?.mailstore.appendLimitBytes
    return limit === undefined ? undefined : Math.min(limit, this.#parts.limits.messageBytes)
  }

  /** No mail program says such things. */
  #throwOut(text: string): void {
    this.#parts.visit.ends('turned-away')
    this.#voice.bye(text)
  }

  /** False when the session is over. */
  async #serveOne(): Promise<boolean> {
    const { connection, limits } = this.#parts
    const authenticated = this.#authenticated
    if (authenticated) connection.limitSilence(limits.idleMs)
    this.#meanwhile = this.#newMeanwhile()
    const lineBytes = authenticated ? limits.lineBytes : limits.lineBytesBeforeLogin
    const reading = readWithLiterals(connection.incoming, lineBytes, this.#literals)
    if (this.#meanwhile !== undefined) await this.#meanwhile.until(reading)
    const incoming = await reading
    connection.limitSilence(undefined)
    this.#room.arrived()
    switch (incoming.kind) {
      case 'end':
        if (connection.interruption !== undefined) this.#voice.bye(farewells[connection.interruption])
        return false
      case 'refused':
        this.#room.giveBack()
        if (incoming.comes) {
          this.#throwOut('[TOOBIG] The literal is too large')
          return false
        }
        this.#parts.visit.begin()
        return this.#finish(tagOf(incoming.firstLine), untaken[incoming.why])
      case 'whole':
        try {
          return await this.#serve(incoming)
        } finally {
          this.#room.giveBack()
        }
    }
  }

  /** NOTIFY has things told between commands; not between those that wait already, which count on their numbers. */
  #newMeanwhile(): Meanwhile | undefined {
    const { connection } = this.#parts
    if (this.context.feed === undefined || this.context.feed.isSilent || connection.incoming.unread > 0)
      return undefined
    return new Meanwhile(this.context, {
      write: async (chunk) => await this.#voice.write(chunk),
      flush: () => connection.flush(),
    })
  }

  async #serve(incoming: Whole): Promise<boolean> {
    const { bytes } = incoming
    const { connection, log, visit } = this.#parts
    if (!this.#authenticated && (isHttpRequest(bytes) || isTlsHello(bytes))) {
      log.warn({ remoteAddress: connection.remoteAddress }, 'another protocol on the IMAP port, cut off')
      visit.ends('turned-away')
      connection.destroy()
      return false
    }
    const { selected } = this.context
    const reading = readCommand(incoming, {
      authenticated: this.#authenticated,
      selected: selected !== undefined,
      uidOnly: this.context.enabled.has('UIDONLY'),
      hides: this.context.hides,
    })
    const line = shown(bytes, reading)
    if (reading.kind === 'wrong') {
      visit.begin()
      return this.#finish(reading.tag, reading.completion, undefined, line)
    }
    const { tag, command, args, uid } = reading
    visit.begin(command.name)
    this.context.begin(tag)
    const knewModSeqs = this.context.enabled.has('CONDSTORE')
    if (command.dialogue !== true) this.#voice.keepAwake(tag, this.context.progress)
    try {
      const completion = (await this.#run(command, args)) ?? {
        status: 'OK',
        text: `${uid ? 'UID ' : ''}${command.name} completed`,
      }
      const moment = {
        expunge: command.holdsExpunges !== true || (uid && command.namesByNumber?.(args) !== true),
        own: command.changesSelected === true,
      }
      // Whoever switches CONDSTORE on in a mailbox learns from where on; who selects one is told anyway.
      if (!knewModSeqs && completion.status !== 'BAD' && selected === this.context.selected)
        await this.#tellHighestModSeq(selected)
      return await this.#finish(tag, completion, moment, line)
    } finally {
      this.#voice.rest()
    }
  }

  /** As far as the client was told: what is newer comes after it. */
  async #tellHighestModSeq(selected: SelectedView | undefined): Promise<void> {
    if (selected !== undefined && this.context.enabled.has('CONDSTORE'))
      await this.#voice.write(`* OK [HIGHESTMODSEQ ${selected.told.highestModSeq}] Highest\r\n`)
  }

  /** Sends the answers of a command; gives its end, also when it throws. */
  async #run(command: Command<unknown>, args: unknown): Promise<Completion | undefined> {
    const { connection, log } = this.#parts
    try {
      const atOnce = command.atOnce?.(this.context, args)
      if (atOnce === undefined) return await this.#voice.relay(command.run(this.context, args))
      for (const chunk of atOnce.chunks) {
        const wait = this.#voice.write(chunk)
        if (wait !== undefined) await wait
      }
      return atOnce.completion
    } catch (error) {
      if (connection.closed.aborted) throw new ConnectionEnded()
      if (error instanceof ConnectionEnded || error instanceof LineTooLong) throw error
      const completion = completionOf(error)
      if (completion === undefined) log.error({ err: error }, 'an IMAP command failed')
      return completion ?? serverBug
    }
  }

  /** Tells what changed, then how the command ended. `shownLine`: the command as a log may hold it. */
  async #finish(
    tag: string,
    completion: Completion,
    moment: Moment = { expunge: false },
    shownLine?: RedactedLine,
  ): Promise<boolean> {
    const { connection, visit, certificate, limits } = this.#parts
    const { selected, enabled, feed } = this.context
    const bad = completion.status === 'BAD'
    // Who leaves need not hear what is new.
    if (!bad && this.#next !== 'leave') {
      if (feed !== undefined)
        for await (const piece of tell(this.context, moment)) await this.#voice.write(piece)
      else if (selected !== undefined)
        for (const piece of selected.sync(moment.expunge, enabled)) await this.#voice.write(piece)
      if (selected !== undefined && feed === undefined && !selected.contexts.empty)
        for await (const piece of tellUpdates(this.context, selected.contexts)) await this.#voice.write(piece)
      if (selected?.gone === true) {
        // Clients come back after a BYE and look again; few would notice an untagged hint.
        this.#voice.bye('The mailbox was removed')
        return false
      }
    }
    if (this.context.admission?.mailstore.alert !== this.#toldAlert) await this.#tellAlert()
    // Before the answer: TLS must begin in the turn in which it is written.
    const tls = this.#next === 'start-tls' ? await certificate.current() : undefined
    const wait = this.#voice.write(taggedLine(tag, completion))
    if (wait !== undefined) await wait
    visit.finish(completion.status, shownLine)
    if (tls !== undefined) {
      this.#next = undefined
      // Nothing said in the clear counts any more. RFC 9051 section 6.2.1.
      this.context.enabled.clear()
      visit.program = ''
      await connection.startTls(tls.context)
    } else if (this.#next === 'compress') {
      this.#next = undefined
      connection.compress()
    } else if (connection.incoming.unread === 0) connection.flush()
    if (bad && ++this.#bad >= (this.#authenticated ? limits.bad : limits.badBeforeLogin)) {
      this.#throwOut('Too many commands that cannot be understood')
      return false
    }
    if (!bad && this.#authenticated) this.#bad = 0
    return true
  }

  /** A person must be told once, not with every command. RFC 9051 section 7.1, ALERT. */
  async #tellAlert(): Promise<void> {
    const alert = this.context.admission?.mailstore.alert
    this.#toldAlert = alert
    if (alert !== undefined) await this.#voice.write(`* NO [ALERT] ${statusText(alert)}\r\n`)
  }

  #hands(): SessionHands {
    return {
      ask: (prompt) => {
        this.#voice.say(prompt)
        return this.#parts.connection.incoming.line(this.#parts.limits.lineBytesBeforeLogin)
      },
      introduce: (name) => {
        this.#parts.visit.program = name
      },
      afterwards: (what) => {
        this.#next = what
      },
      admitted: (admission) => {
        this.#bad = 0
        this.#parts.visit.admit(admission)
      },
      dismissed: () => this.#parts.visit.dismiss(),
    }
  }
}

function shown(bytes: Buffer, reading: Reading): RedactedLine {
  // What cannot be read could be anything, a password without its command too.
  const secret = reading.kind === 'wrong' || reading.command.secret === true
  return new RedactedLine(bytes, knownWords, secret ? 2 : undefined)
}

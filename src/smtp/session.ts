/* oxlint-disable no-underscore-dangle, promise/no-callback-in-promise, promise/always-return
   -- the library's own names and its callbacks; docs/decisions/0007-smtp-server.md */
import type { Socket } from 'node:net'
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import type { Admission } from '#mail/doorman.ts'
import type { Log } from '#mail/surroundings.ts'
import type { GiveBack } from '#wire/hold.ts'
import { isLoopback } from '#wire/connection.ts'
import type { Interruption } from '#wire/connection.ts'
import type { Guest } from '#wire/connection-book.ts'
import { isRefusal, seated } from '#wire/gatekeeper.ts'
import type { Gatekeeper } from '#wire/gatekeeper.ts'
import type { Visit, VisitLine } from '#wire/visit.ts'
import { commandName, resultOf } from './command-names.ts'
import { DataParser } from './data-parser.ts'
import type { Door } from './door.ts'
import { farewells, patient } from './farewells.ts'
import { logIn } from './log-in.ts'
import type { Manner } from './manner.ts'
import { loginReply } from './replies.ts'
import { replyLines } from './reply-lines.ts'

/** To send one message. */
const dataMs = 15 * 60_000
const badLogins = 3
/** For a client to hang up by itself. */
const farewellMs = 500
/** Dovecot's numbers: reliability section 5. */
const badCommandsBeforeLogin = 3

const TAB = 0x09
/** Of what a client calls itself. */
const shownLength = 60
const codeInText = /^[245]\.\d{1,3}\.\d{1,3} /

/**
 * One client. The library's connection with our own way of logging in (the SASL machines of wire/, which know OAUTHBEARER
 * and read base64 strictly), our limits, and enhanced status codes that say what happened: a text that begins with one is
 * sent as it is.
 */
export class Session extends SMTPConnection implements Guest, VisitLine {
  readonly #door: Door
  readonly #manner: Manner
  readonly #gatekeeper: Gatekeeper
  readonly #ended = new AbortController()
  /** The socket before STARTTLS, and what it had carried until then. */
  readonly #first: Socket
  #clear = { read: 0, written: 0 }
  #visit: Visit | undefined
  #late: NodeJS.Timeout | undefined
  #giveBack: GiveBack | undefined
  #answer: ((line: string | undefined) => void) | undefined
  #badLogins = 0
  #badCommands = 0
  #interruption: Interruption | undefined
  #isIdle = false

  constructor(door: Door, socket: Socket, options: SMTPConnectionOptions | null | undefined, manner: Manner) {
    super(door, socket, options)
    this.#door = door
    this.#manner = manner
    this.#first = socket
    this.#gatekeeper = seated(manner.gatekeeper, (account) => door.book.seat(this, account))
  }

  /** Undefined before login. */
  get admission(): Admission | undefined {
    return (this.session.user as Admission | undefined | false) || undefined
  }

  /** Undefined until there is room for it. */
  get visit(): Visit | undefined {
    return this.#visit
  }

  get log(): Log {
    return this.#visit?.log ?? this.#door.log
  }

  get isLoopback(): boolean {
    return isLoopback(this.remoteAddress)
  }

  get closed(): AbortSignal {
    return this.#ended.signal
  }

  get bytesRead(): number {
    return this._socket.bytesRead + (this._socket === this.#first ? 0 : this.#clear.read)
  }

  get bytesWritten(): number {
    return this._socket.bytesWritten + (this._socket === this.#first ? 0 : this.#clear.written)
  }

  /** The library waits 100 ms here for early talkers; those who submit mail are no strangers to be tested. */
  override init(): void {
    this._setListeners(() => {
      if (!this.#door.book.enter(this)) {
        this.log.warn({ remoteAddress: this.remoteAddress }, 'no room for one more connection')
        return this.send(421, '4.3.2 Too many connections, try again later')
      }
      this.#visit = this.#door.visitOf(this)
      this.#greet().catch((err: unknown) => {
        this.log.error({ err }, 'a session could not begin')
        this.#visit?.ends('failed')
        this.send(421, '4.3.0 Something went wrong here')
      })
    })
  }

  async #greet(): Promise<void> {
    const known = await this.#manner.welcome(this.remoteAddress)
    if (known !== undefined && isRefusal(known)) {
      const { enhanced, text } = loginReply(known)
      this.#visit?.ends('turned-away')
      this.send(554, `${enhanced} ${text}`)
      return this.close()
    }
    if (known !== undefined && !this.#door.book.seat(this, known.address)) {
      this.#visit?.ends('crowded')
      return this.send(421, '4.3.2 Too many connections, try again later')
    }
    this.connectionReady(() => {
      if (known !== undefined) this.#admit(known)
    })
  }

  #admit(admission: Admission): void {
    this.session.user = admission
    this.#visit?.admit(admission)
  }

  override handler_HELP(_command: Buffer, callback: () => void): void {
    this.send(214, '2.0.0 Say EHLO, log in with AUTH, then MAIL FROM, RCPT TO and DATA: RFC 6409')
    callback()
  }

  /** "Implemented" would be a list of people. RFC 5321 section 4.2.4. */
  handler_EXPN(_command: Buffer, callback: () => void): void {
    this.send(502, '5.5.1 There are no mailing lists here')
    callback()
  }

  /** Every command has one reply that ends it; 334 and 354 only ask for more. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (code === 421) this.#visit?.ends(this.#interruption ?? (this.#isIdle ? 'idle' : 'turned-away'))
    if (code === 221) this.#visit?.ends('left')
    this.#reply(code, data, context)
    if (code === 334 || code === 354) return
    this.#visit?.finish(resultOf(code))
    // The reply to a message is not followed by anything that would end a session which must.
    if (this.#interruption !== undefined) setImmediate(() => this.#leaveIfDue())
  }

  #reply(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) return super.send(code, this.#capabilities(data), context)
    if (code === 500 && this.admission === undefined && ++this.#badCommands >= badCommandsBeforeLogin)
      return this.send(421, '4.7.0 Too many commands that are none', false)
    if (typeof data === 'string' && codeInText.test(data)) return super.send(code, replyLines(data), false)
    return super.send(code, data, context)
  }

  /** The only reply of several lines is EHLO's. Where a password would go in clear, AUTH is not offered. */
  #capabilities(lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
      if (!line.startsWith('AUTH ')) return [line]
      if (!this.#mayLogin()) return []
      // Old devices look for the spelling of before RFC 2554.
      return this.#manner.plainLogin ? [line, line.replace(' ', '=')] : [line]
    })
  }

  #mayLogin(): boolean {
    return this.secure || this.#manner.plainLogin || this.isLoopback
  }

  override _createParser(): DataParser {
    const { maxCommandLength } = this._server.options
    const parser = new DataParser({ maxCommandLength })
    parser.oncommand = (command, callback) => this._onCommand(command, callback)
    parser.on('error', (error) => this.send(421, `5.5.2 ${error.message}`))
    return parser
  }

  /** A carriage return or NUL within a line is a trick or a fault; a tab is a space. */
  override _onCommand(command: Buffer, callback?: () => void): void {
    const goOn = () => {
      this.#leaveIfDue()
      callback?.()
    }
    if (this.#interruption !== undefined) return void setImmediate(goOn)
    // Not the lines of a login, which are its arguments.
    if (this._nextHandler === false && !this._upgrading) this.#visit?.begin(commandName(command))
    const odd = command.some((octet) => (octet < 0x20 && octet !== TAB) || octet === 0x7f)
    // Within a login the line is base64, which is checked there.
    if (odd && this._nextHandler === false) {
      this.send(500, '5.5.2 Control characters have no place in a command')
      return void setImmediate(goOn)
    }
    super._onCommand(command, goOn)
  }

  override handler_AUTH(command: Buffer, callback: () => void): void {
    let release = callback
    const ask = (challenge: string) =>
      new Promise<string | undefined>((resolve) => {
        this.#answer = resolve
        this._nextHandler = (line, next) => {
          release = next
          this.#answer = undefined
          resolve(line.toString('latin1').trim())
        }
        this.send(334, challenge)
        const goOn = release
        release = () => {}
        goOn()
      })
    this.#login(command.toString('latin1'), ask)
      .catch((err: unknown) => {
        if (this.#ended.signal.aborted) return
        this.log.error({ err }, 'a login failed')
        this.send(454, '4.7.0 Something went wrong here, please try again')
      })
      .finally(() => release())
  }

  async #login(line: string, ask: (challenge: string) => Promise<string | undefined>): Promise<void> {
    if (!this.#mayLogin())
      return this.send(538, '5.7.11 Issue STARTTLS first: a password must not go in clear')
    if (this.admission !== undefined) return this.send(503, '5.5.1 Somebody is logged in already')
    if (this.session.envelope.mailFrom) return this.send(503, '5.5.1 No login within a mail transaction')
    const outcome = await logIn(line, {
      mechanisms: this.#manner.mechanisms,
      ask,
      verify: (credentials) =>
        this.#gatekeeper.check(credentials, this.remoteAddress, this.#ended.signal, this.id),
    })
    switch (outcome.kind) {
      case 'end':
        return
      case 'refused':
        return outcome.isBad
          ? this.#badLogin(outcome.code, outcome.text)
          : this.send(outcome.code, outcome.text)
      case 'admitted': {
        const { admission } = outcome
        if (admission.rights.readOnly) {
          this.#door.book.unseat(this)
          return this.#badLogin(535, '5.7.8 This password may only read')
        }
        this.#admit(admission)
        this.send(235, '2.7.0 Welcome')
      }
    }
  }

  #badLogin(code: number, text: string): void {
    this.send(code, text)
    if (++this.#badLogins >= badLogins) this.send(421, '4.7.0 Too many logins that failed')
  }

  /** The certificate of this very moment. */
  override handler_STARTTLS(command: Buffer, callback: () => void): void {
    this.#door.renewCertificate().then(
      () => {
        if (!this.secure) this.#clear = { read: this._socket.bytesRead, written: this._socket.bytesWritten }
        // What was said in the clear counts no more, a login neither. RFC 3207 section 4.2.
        if (!this.secure && this.admission !== undefined) this.#visit?.dismiss()
        if (this.#visit !== undefined) this.#visit.program = ''
        super.handler_STARTTLS(command, callback)
      },
      (err: unknown) => {
        this.log.error({ err }, 'no certificate')
        this.send(454, '4.7.0 TLS is not available at the moment')
        callback()
      },
    )
  }

  /** Waits for room in memory before the client is told to go on. */
  override handler_DATA(command: Buffer, callback: () => void): void {
    if (this.admission === undefined) {
      this.send(530, '5.7.0 Log in first')
      return callback()
    }
    if (this.session.envelope.rcptTo.length === 0) return super.handler_DATA(command, callback)
    this.#door.roomFor(this, this.#ended.signal).then(
      (giveBack) => {
        if (this.#ended.signal.aborted) return giveBack()
        this.#giveBack = giveBack
        this.#late = setTimeout(() => this.interrupt('slow'), dataMs).unref()
        super.handler_DATA(command, callback)
      },
      () => {
        this.send(451, '4.3.1 Too many messages at once, try again later')
        callback()
      },
    )
  }

  /** The message has come in, or never will. */
  received(): void {
    clearTimeout(this.#late)
    this.#late = undefined
  }

  /** The message is here, and smaller than its room: others need not wait while Gmail takes it. */
  holdsOnly(sizeBytes: number): void {
    this.#giveBack?.(sizeBytes)
  }

  /** The message is not in memory any more. */
  disposed(): void {
    this.#giveBack?.()
    this.#giveBack = undefined
  }

  override handler_EHLO(command: Buffer, callback: () => void): void {
    super.handler_EHLO(command, callback)
    this.#introduce()
  }

  override handler_HELO(command: Buffer, callback: () => void): void {
    super.handler_HELO(command, callback)
    this.#introduce()
  }

  #introduce(): void {
    const name = this.hostNameAppearsAs || ''
    if (this.#visit !== undefined)
      this.#visit.program = name.replaceAll(/[^\x20-\x7e]+/g, '').slice(0, shownLength)
  }

  /** Ends it: at once, or after the message or command that is under way. The first reason stays. */
  interrupt(reason: Interruption): void {
    this.#interruption ??= reason
    if (patient.has(reason)) this.#leaveIfDue()
    else this.#leave(reason)
  }

  /** What still comes in is not waited for any more; what has come in is. */
  hurry(): void {
    if (this.#late !== undefined && this.#interruption !== undefined) this.#leave(this.#interruption)
  }

  destroy(): void {
    this._socket.destroy()
  }

  #leaveIfDue(): void {
    if (this.#interruption === undefined || this._handlerPending || this._dataStream) return
    this.#leave(this.#interruption)
  }

  #leave(reason: Interruption): void {
    if (this._closing || this._closed) return
    this.send(421, farewells[reason])
    setTimeout(() => this.destroy(), farewellMs).unref()
  }

  override _onTimeout(): void {
    this.#isIdle = true
    super._onTimeout()
    this.#isIdle = false
  }

  override _onClose(): void {
    const isFirst = !this.#ended.signal.aborted
    this.received()
    this.#ended.abort(new Error('The client is gone'))
    this.#answer?.(undefined)
    super._onClose()
    if (isFirst) this.#visit?.close(this.#interruption ?? 'gone')
  }
}

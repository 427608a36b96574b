/* oxlint-disable no-underscore-dangle, promise/no-callback-in-promise, promise/always-return
   -- the library's own names and its callbacks; docs/decisions/0007-smtp-server.md */
import type { Socket } from 'node:net'
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import type { Admission, Refusal } from '#mail/doorman.ts'
import type { Log } from '#mail/surroundings.ts'
import { crowded, isRefusal } from '#wire/gatekeeper.ts'
import { saslExchange } from '#wire/sasl-exchange.ts'
import type { Credentials } from '#wire/sasl.ts'
import { DataParser } from './data-parser.ts'
import type { Door } from './door.ts'
import { loginReply } from './replies.ts'

/** How one listener receives its clients. */
export interface Manner {
  /** In the order in which they are offered. */
  readonly mechanisms: readonly string[]
  /** AUTH without TLS. */
  readonly plainLogin: boolean
  /** Somebody who needs not log in, by address; `refused` is told and cut off. */
  welcome(remoteAddress: string): Promise<Admission | Refusal | undefined>
  check(credentials: Credentials, remoteAddress: string, signal: AbortSignal): Promise<Admission | Refusal>
}

/** To log in, and to send one message. */
const loginMs = 60_000
const dataMs = 15 * 60_000
const badLogins = 3
/** For a client to hang up by itself. */
const farewellMs = 500
/** Dovecot's numbers: reliability section 5. */
const badCommandsBeforeLogin = 3

const revokedText = '4.7.0 The password was revoked'

const TAB = 0x09
const lineLimit = 480
const codeInText = /^[245]\.\d{1,3}\.\d{1,3} /

/**
 * One client. The library's connection with our own way of logging in (the SASL machines of wire/, which know OAUTHBEARER
 * and read base64 strictly), our limits, and enhanced status codes that say what happened: a text that begins with one is
 * sent as it is.
 */
export class Session extends SMTPConnection {
  readonly #door: Door
  readonly #manner: Manner
  readonly #log: Log
  readonly #ended = new AbortController()
  #deadline: NodeJS.Timeout | undefined
  #giveBack: (() => void) | undefined
  #answer: ((line: string | undefined) => void) | undefined
  #badLogins = 0
  #badCommands = 0
  #revoked = false

  constructor(
    door: Door,
    socket: Socket,
    options: SMTPConnectionOptions | null | undefined,
    manner: Manner,
    log: Log,
  ) {
    super(door, socket, options)
    this.#door = door
    this.#manner = manner
    this.#log = log.child({ session: this.id })
  }

  /** Undefined before login. */
  get admission(): Admission | undefined {
    return (this.session.user as Admission | undefined | false) || undefined
  }

  get log(): Log {
    return this.#log
  }

  /** The library waits 100 ms here for early talkers; those who submit mail are no strangers to be tested. */
  override init(): void {
    this.#limit(loginMs, '4.4.2 No login within a minute')
    this._setListeners(() => {
      if (!this.#door.hasRoomFor(this)) return this.send(421, '4.3.2 Too many connections, try again later')
      this.#greet().catch((err: unknown) => {
        this.#log.error({ err }, 'a session could not begin')
        this.send(421, '4.3.0 Something went wrong here')
      })
    })
  }

  async #greet(): Promise<void> {
    const known = await this.#manner.welcome(this.remoteAddress)
    if (known !== undefined && isRefusal(known)) {
      const { enhanced, text } = loginReply(known)
      this.send(554, `${enhanced} ${text}`)
      return this.close()
    }
    this.connectionReady(() => {
      if (known !== undefined) this.#admit(known)
    })
  }

  #admit(admission: Admission): void {
    this.session.user = admission
    this.#limit(undefined)
    this.#door.admitted(this)
  }

  /** One limit at a time; undefined for none. */
  #limit(ms: number | undefined, text = ''): void {
    clearTimeout(this.#deadline)
    if (ms === undefined) return
    this.#deadline = setTimeout(() => this.send(421, text), ms)
    this.#deadline.unref()
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) return super.send(code, this.#capabilities(data), context)
    if (code === 500 && this.admission === undefined && ++this.#badCommands >= badCommandsBeforeLogin)
      return super.send(421, '4.7.0 Too many commands that are none', false)
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
    return this.secure || this.#manner.plainLogin
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
    if (this.#revoked) {
      this.send(421, revokedText)
      return void setImmediate(() => callback?.())
    }
    const odd = command.some((octet) => (octet < 0x20 && octet !== TAB) || octet === 0x7f)
    // Within a login the line is base64, which is checked there.
    if (odd && this._nextHandler === false) {
      this.send(500, '5.5.2 Control characters have no place in a command')
      return void setImmediate(() => callback?.())
    }
    super._onCommand(command, callback)
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
        this.#log.error({ err }, 'a login failed')
        this.send(454, '4.7.0 Something went wrong here, please try again')
      })
      .finally(() => release())
  }

  async #login(line: string, ask: (challenge: string) => Promise<string | undefined>): Promise<void> {
    const [, mechanism = '', initialResponse, ...more] = line.trim().split(/\s+/)
    if (!this.#mayLogin())
      return this.send(538, '5.7.11 Issue STARTTLS first: a password must not go in clear')
    if (this.admission !== undefined) return this.send(503, '5.5.1 Somebody is logged in already')
    if (this.session.envelope.mailFrom) return this.send(503, '5.5.1 No login within a mail transaction')
    if (!this.#manner.mechanisms.includes(mechanism.toUpperCase()) || more.length > 0)
      return this.send(504, `5.5.4 AUTH takes one of ${this.#manner.mechanisms.join(', ')}`)
    const outcome = await saslExchange<Admission | Refusal>({
      mechanism,
      initialResponse,
      ask,
      verify: (credentials) => this.#manner.check(credentials, this.remoteAddress, this.#ended.signal),
      refused: isRefusal,
    })
    switch (outcome.kind) {
      case 'end':
        return
      case 'unknown-mechanism':
        return this.send(504, '5.5.4 This mechanism is not spoken here')
      case 'cancelled':
        return this.send(501, '5.7.0 Login cancelled')
      case 'malformed':
        return this.#badLogin(501, `5.5.2 ${outcome.text}`)
      case 'verdict': {
        const { verdict } = outcome
        if (isRefusal(verdict)) {
          const { code, enhanced, text } = loginReply(verdict)
          return this.#badLogin(code, `${enhanced} ${text}`)
        }
        if (!this.#door.hasSeatFor(verdict.address)) {
          const { code, enhanced, text } = loginReply(crowded)
          return this.send(code, `${enhanced} ${text}`)
        }
        if (verdict.rights.readOnly) return this.#badLogin(535, '5.7.8 This password may only read')
        this.#admit(verdict)
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
      () => super.handler_STARTTLS(command, callback),
      (err: unknown) => {
        this.#log.error({ err }, 'no certificate')
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
        this.#limit(dataMs, '4.4.2 The message takes too long')
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
    this.#limit(undefined)
  }

  /** The message is not in memory any more. */
  disposed(): void {
    this.#giveBack?.()
    this.#giveBack = undefined
  }

  /** Ends it, after the message that is under way if there is one: its password is no longer good. */
  revoke(): void {
    this.#revoked = true
    this.dismiss(revokedText)
  }

  /** Ends it at once unless a message is under way. */
  dismiss(text = '4.3.2 Postern is being closed'): void {
    if (this._handlerPending || this._dataStream) return
    this.send(421, text)
    setTimeout(() => this._socket.destroy(), farewellMs).unref()
  }

  override _onClose(): void {
    this.#limit(undefined)
    this.#ended.abort(new Error('The client is gone'))
    this.#answer?.(undefined)
    this.#door.left(this)
    super._onClose()
  }
}

/** RFC 5321 section 4.5.3.1.5 gives a line 512 octets; further ones repeat the enhanced code (RFC 2034 section 4). */
function replyLines(text: string): string | string[] {
  if (text.length <= lineLimit) return text
  const code = text.slice(0, text.indexOf(' '))
  const lines: string[] = []
  let line = code
  for (const word of text.slice(code.length + 1).split(' ')) {
    if (line.length + 1 + word.length > lineLimit) {
      lines.push(line)
      line = code
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

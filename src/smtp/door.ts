/* oxlint-disable no-underscore-dangle, promise/no-callback-in-promise, promise/always-return
   -- the library's own names and its callbacks; docs/decisions/0007-smtp-server.md */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import type { Admission } from '#mail/doorman.ts'
import type { MessageId } from '#mail/ids.ts'
import type { Outbox } from '#mail/outbox.ts'
import type { Clock, Log } from '#mail/surroundings.ts'
import type { CertificateSource } from '#wire/certificate.ts'
import type { CommandWatch } from '#wire/command-watch.ts'
import type { ConnectionBook, Guest } from '#wire/connection-book.ts'
import type { Crowd } from '#wire/crowd.ts'
import type { GiveBack, Hold } from '#wire/hold.ts'
import { Visit } from '#wire/visit.ts'
import type { DoorEvent } from '#wire/visit.ts'
import { Arrival } from './arrival.ts'
import { Incoming, tooBig } from './incoming.ts'
import { mailParameters, parameterRefusal, recipientParameters } from './parameters.ts'
import { post } from './posting.ts'
import { canonicalAddress } from './recipients.ts'
import { SubmissionRefusal } from './refusal.ts'
import type { Reply } from './refusal.ts'
import { bug, closing, replyTo } from './replies.ts'
import type { Manner } from './manner.ts'
import { Session } from './session.ts'

/** What a listener is handed. */
export interface DoorHouse {
  readonly manner: Manner
  readonly outboxOf: (admission: Admission) => Outbox
  readonly certificate: CertificateSource
  readonly hold: Hold
  /** Of all listeners. */
  readonly book: ConnectionBook<Guest>
  readonly crowd: Crowd
  readonly messageBytes: number
  readonly clock: Clock
  readonly log: Log
  readonly onEvent: ((event: DoorEvent) => void) | undefined
  readonly onCommand: CommandWatch | undefined
  /** Aborted when Postern is closed. */
  readonly signal: AbortSignal
}

/** To wait for memory. */
const roomMs = 60_000

/** One listener of the library, with our sessions, limits and certificate. */
export class Door extends SMTPServer {
  readonly #house: DoorHouse
  readonly #sessions = new WeakMap<SMTPServerSession, Session>()

  constructor(options: SMTPServerOptions, house: DoorHouse) {
    super(options)
    this.#house = house
    this.on('error', (err) => house.log.debug({ err }, 'an SMTP connection has trouble'))
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const session = new Session(this, socket, socketOptions, this.#house.manner)
    this.#sessions.set(session.session, session)
    this.connections.add(session)
    session.on('error', (err: Error) => this._onError(err))
    session.init()
  }

  /** The implicit handshake waits for the certificate of this very moment; it counts among the strangers. */
  override _upgrade(...[socket, callback]: Parameters<SMTPServer['_upgrade']>): void {
    socket.on('error', () => {})
    // Of two sockets one over the other only the upper one may be destroyed.
    const arrival = new Arrival(socket, () => (this._pendingSockets.get(socket) ?? socket).destroy())
    if (!this.book.enter(arrival)) {
      this.log.warn({ remoteAddress: arrival.remoteAddress }, 'no room for one more connection')
      socket.destroy()
      return
    }
    this.renewCertificate().then(
      () => {
        // Gone while it waited. TLS over nothing would end the process.
        if (socket.destroyed) return
        super._upgrade(socket, (err, secured) => {
          arrival.leave()
          callback(err, secured)
        })
        tellsNothingWhenGone(this._pendingSockets.get(socket), socket)
      },
      () => socket.destroy(),
    )
  }

  get book(): ConnectionBook<Guest> {
    return this.#house.book
  }

  get log(): Log {
    return this.#house.log
  }

  /** What is logged and counted of a session that begins. */
  visitOf(session: Session): Visit {
    const { book, crowd, clock, log, onEvent, onCommand } = this.#house
    return new Visit({
      door: 'smtp',
      line: session,
      turns: crowd.join(),
      clock,
      log,
      onEvent,
      onCommand,
      onAdmitted: () => book.welcome(session),
      onDismissed: () => book.estrange(session),
    })
  }

  async renewCertificate(): Promise<void> {
    const { context } = await this.#house.certificate.current()
    this.secureContext.set('*', context)
  }

  /** Room for one message of the size that MAIL FROM declared, or of any. */
  roomFor({ session }: Session, signal: AbortSignal): Promise<GiveBack> {
    const wanted = declaredBytes(session) ?? this.#house.messageBytes
    return this.#house.hold.take(wanted, AbortSignal.any([signal, AbortSignal.timeout(roomMs)]))
  }

  override onMailFrom(...[{ args }, , callback]: Parameters<SMTPServer['onMailFrom']>): void {
    const refusal = parameterRefusal(args, mailParameters)
    callback(refusal === undefined ? null : failure(refusal))
  }

  override onRcptTo(...[{ address, args }, , callback]: Parameters<SMTPServer['onRcptTo']>): void {
    const refusal =
      canonicalAddress(address) === undefined ? odd : parameterRefusal(args, recipientParameters)
    callback(refusal === undefined ? null : failure(refusal))
  }

  override onData(...[stream, state, callback]: Parameters<SMTPServer['onData']>): void {
    const session = this.#sessions.get(state)
    const admission = session?.admission
    if (session === undefined || admission === undefined) {
      stream.resume()
      return callback(failure({ code: 530, enhanced: '5.7.0', text: 'Log in first' }))
    }
    this.#receive(stream, session, admission)
      .then(
        (id) => callback(null, `2.0.0 OK ${id}`),
        (error: unknown) => callback(failure(this.#replyTo(error, session))),
      )
      .finally(() => session.disposed())
  }

  async #receive(stream: SMTPServerDataStream, session: Session, admission: Admission): Promise<MessageId> {
    const { messageBytes, clock, signal } = this.#house
    const { mailFrom, rcptTo } = session.session.envelope
    const envelope = {
      from: mailFrom === false ? '' : mailFrom.address,
      recipients: rcptTo.map(({ address }) => address),
    }
    const incoming = new Incoming(messageBytes, declaredBytes(session.session))
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        incoming.write(chunk)
        // So much more than is allowed is no mistake.
        if (stream.byteLength > 2 * messageBytes) session.send(421, `5.3.4 ${tooBig(messageBytes).text}`)
      }
    } catch (error) {
      throw session.closed.aborted ? new BrokenOff({ cause: error }) : error
    } finally {
      session.received()
    }
    session.holdsOnly(stream.byteLength)
    const outbox = this.#house.outboxOf(admission)
    // Once it is here whole it is sent, whether the client stays or not: it asks again, and is told.
    const id = await post(incoming, envelope, { outbox, clock, limitBytes: messageBytes }, signal)
    session.log.info({ gmailId: id, recipients: rcptTo.length, sizeBytes: stream.byteLength }, 'sent')
    return id
  }

  #replyTo(error: unknown, session: Session): Reply {
    if (this.#house.signal.aborted) return closing
    if (error instanceof BrokenOff) {
      session.log.info({}, 'a message was broken off')
      return bug
    }
    const reply = replyTo(error)
    if (reply === undefined) session.log.error({ err: error }, 'a message could not be sent')
    else {
      // A refusal of ours names addresses, and says it all by its code.
      const cause = error instanceof SubmissionRefusal ? {} : { err: error }
      session.log.info({ code: reply.code, enhanced: reply.enhanced, ...cause }, 'a message was refused')
    }
    return reply ?? bug
  }
}

/**
 * The library asks a handshake that failed for its protocol. Node 26.10 ends with a segmentation fault when it is asked of
 * a TLS socket whose transport is gone already (TLSWrap::GetProtocol has no check).
 */
function tellsNothingWhenGone(secured: Socket | undefined, transport: Socket): void {
  if (!(secured instanceof TLSSocket)) return
  const getProtocol = secured.getProtocol.bind(secured)
  secured.getProtocol = () => (secured.destroyed || transport.destroyed ? null : getProtocol())
}

/** The client is gone in the middle of its message. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff'

  constructor(options: ErrorOptions) {
    super('The message did not come in whole', options)
  }
}

const odd: Reply = {
  code: 553,
  enhanced: '5.1.3',
  text: 'Gmail can only be given recipients of the plain form name@example.com',
}

/** As the library takes it; a text that begins with an enhanced code is sent as it is. */
function failure({ code, enhanced, text }: Reply): Error & { responseCode: number } {
  return Object.assign(new Error(`${enhanced} ${text}`), { responseCode: code })
}

/** SIZE of MAIL FROM. RFC 1870 section 6. The grammar was checked by the library. */
function declaredBytes(session: SMTPServerSession): number | undefined {
  const { mailFrom } = session.envelope
  const size = mailFrom && mailFrom.args ? mailFrom.args['SIZE'] : undefined
  return typeof size === 'string' ? Number(size) : undefined
}
